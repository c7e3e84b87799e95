import { kubeletAuthority, ownership, pathOf, permissions } from '../audits.ts';
import type { Check, Group } from '../benchmark.ts';
import type { PathVariable } from '../node-state.ts';

const RUN =
  'Run the below command (based on the file location on your system) on the each worker node.\nFor example,\n';
const IDENTIFIED = 'Run the following command (using the config file location identified in the Audit step)\n';

interface Words {
  readonly mode: string;
  readonly owner: string;
  readonly run: string;
}

/** Two recommendations of a file: its permissions, then its owner. */
const guarded = (first: number, variable: PathVariable, { mode, owner, run }: Words): readonly Check[] => {
  const file = { named: `$${variable}`, paths: pathOf(variable) };
  return [
    permissions('600', { ...file, id: `4.1.${first}`, text: mode, remediation: `${run}chmod 600 $${variable}\n` }),
    ownership('root:root', {
      ...file,
      id: `4.1.${first + 1}`,
      text: owner,
      remediation: `${run}chown root:root $${variable}\n`,
    }),
  ];
};

const AUTHORITY = { named: '$CAFILE', paths: kubeletAuthority };

/** Section 4.1 (kube-bench, cfg/cis-1.12/node.yaml). */
export const WORKER_FILES: Group = {
  id: '4.1',
  text: 'Worker Node Configuration Files',
  checks: [
    ...guarded(1, 'kubeletsvc', {
      mode: 'Ensure that the kubelet service file permissions are set to 600 or more restrictive (Automated)',
      owner: 'Ensure that the kubelet service file ownership is set to root:root (Automated)',
      run: RUN,
    }),
    ...guarded(3, 'proxykubeconfig', {
      mode: 'If proxy kubeconfig file exists ensure permissions are set to 600 or more restrictive (Manual)',
      owner: 'If proxy kubeconfig file exists ensure ownership is set to root:root (Manual)',
      run: RUN,
    }),
    ...guarded(5, 'kubeletkubeconfig', {
      mode: 'Ensure that the --kubeconfig kubelet.conf file permissions are set to 600 or more restrictive (Automated)',
      owner: 'Ensure that the --kubeconfig kubelet.conf file ownership is set to root:root (Automated)',
      run: RUN,
    }),
    permissions('644', {
      ...AUTHORITY,
      id: '4.1.7',
      text: 'Ensure that the certificate authorities file permissions are set to 644 or more restrictive (Manual)',
      remediation:
        'Run the following command to modify the file permissions of the\n--client-ca-file chmod 644 <filename>\n',
    }),
    ownership('root:root', {
      ...AUTHORITY,
      id: '4.1.8',
      text: 'Ensure that the client certificate authorities file ownership is set to root:root (Manual)',
      remediation:
        'Run the following command to modify the ownership of the --client-ca-file.\nchown root:root <filename>\n',
    }),
    ...guarded(9, 'kubeletconf', {
      mode: 'If the kubelet config.yaml configuration file is being used validate permissions set to 600 or more restrictive (Automated)',
      owner:
        'If the kubelet config.yaml configuration file is being used validate file ownership is set to root:root (Automated)',
      run: IDENTIFIED,
    }),
  ],
};
