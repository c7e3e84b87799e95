import { commandLine } from '../audits.ts';
import { all, any, flag, type Check, type Group, type Tests } from '../benchmark.ts';

const editor =
  (program: string, section: string, file: string) =>
  (id: number, text: string, tests: Tests, remediation: string): Check => ({
    id: `${section}.${id}`,
    text,
    audit: commandLine(program),
    tests,
    remediation: `Edit ${file}\non the control plane node and ${remediation}\n`,
  });

const manager = editor(
  'kube-controller-manager',
  '1.3',
  'the Controller Manager pod specification file $controllermanagerconf',
);
const scheduler = editor('kube-scheduler', '1.4', 'the Scheduler pod specification file $schedulerconf');

const PROFILING = 'Ensure that the --profiling argument is set to false (Automated)';
const NO_PROFILING = all(flag('--profiling', 'eq', 'false'));
const BIND = 'Ensure that the --bind-address argument is set to 127.0.0.1 (Automated)';
const BOUND = any(flag('--bind-address', 'eq', '127.0.0.1'), flag('--bind-address', 'unset'));
const BIND_REMEDY = 'ensure the correct value for the --bind-address parameter';

/** Section 1.3 (kube-bench, cfg/cis-1.12/master.yaml). */
export const CONTROLLER_MANAGER: Group = {
  id: '1.3',
  text: 'Controller Manager',
  checks: [
    manager(
      1,
      'Ensure that the --terminated-pod-gc-threshold argument is set as appropriate (Manual)',
      all(flag('--terminated-pod-gc-threshold')),
      'set the --terminated-pod-gc-threshold to an appropriate threshold,\nfor example, --terminated-pod-gc-threshold=10',
    ),
    manager(2, PROFILING, NO_PROFILING, 'set the below parameter.\n--profiling=false'),
    manager(
      3,
      'Ensure that the --use-service-account-credentials argument is set to true (Automated)',
      all(flag('--use-service-account-credentials', 'noteq', 'false')),
      'to set the below parameter.\n--use-service-account-credentials=true',
    ),
    manager(
      4,
      'Ensure that the --service-account-private-key-file argument is set as appropriate (Automated)',
      all(flag('--service-account-private-key-file')),
      'set the --service-account-private-key-file parameter\nto the private key file for service accounts.\n--service-account-private-key-file=<filename>',
    ),
    manager(
      5,
      'Ensure that the --root-ca-file argument is set as appropriate (Automated)',
      all(flag('--root-ca-file')),
      'set the --root-ca-file parameter to the certificate bundle file`.\n--root-ca-file=<path/to/file>',
    ),
    manager(
      6,
      'Ensure that the RotateKubeletServerCertificate argument is set to true (Automated)',
      any(flag('--feature-gates', 'nothave', 'RotateKubeletServerCertificate=false'), flag('--feature-gates', 'unset')),
      'set the --feature-gates parameter to include RotateKubeletServerCertificate=true.\n--feature-gates=RotateKubeletServerCertificate=true',
    ),
    manager(7, BIND, BOUND, BIND_REMEDY),
  ],
};

/** Section 1.4 (kube-bench, cfg/cis-1.12/master.yaml). */
export const SCHEDULER: Group = {
  id: '1.4',
  text: 'Scheduler',
  checks: [
    scheduler(1, PROFILING, NO_PROFILING, 'set the below parameter.\n--profiling=false'),
    scheduler(2, BIND, BOUND, BIND_REMEDY),
  ],
};
