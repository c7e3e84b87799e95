import { commandLine } from '../audits.ts';
import { all, any, flag, type Check, type Group, type Tests } from '../benchmark.ts';

const EDIT = 'edit the etcd pod specification file $etcdconf on the master\nnode and';

const check = (id: number, text: string, tests: Tests, remediation: string): Check => ({
  id: `2.${id}`,
  text,
  audit: commandLine('etcd'),
  tests,
  remediation: `${remediation}\n`,
});
const notTrue = (name: string): Tests => any(flag(name, 'unset'), flag(name, 'eq', 'false'));
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Section 2 (kube-bench, cfg/cis-1.12/etcd.yaml). Settings in etcd's environment do not exist here: its manifest has flags alone. */
export const ETCD: Group = {
  id: '2',
  text: 'Etcd Node Configuration',
  checks: [
    check(
      1,
      'Ensure that the --cert-file and --key-file arguments are set as appropriate (Automated)',
      all(flag('--cert-file'), flag('--key-file')),
      `Follow the etcd service documentation and configure TLS encryption.\nThen, ${EDIT} set the below parameters.\n--cert-file=</path/to/ca-file>\n--key-file=</path/to/key-file>`,
    ),
    check(
      2,
      'Ensure that the --client-cert-auth argument is set to true (Automated)',
      all(flag('--client-cert-auth', 'eq', 'true')),
      `${capital(EDIT)} set the below parameter.\n--client-cert-auth="true"`,
    ),
    check(
      3,
      'Ensure that the --auto-tls argument is not set to true (Automated)',
      notTrue('--auto-tls'),
      `${capital(EDIT)} either remove the --auto-tls parameter or set it to false.\n  --auto-tls=false`,
    ),
    check(
      4,
      'Ensure that the --peer-cert-file and --peer-key-file arguments are set as appropriate (Automated)',
      all(flag('--peer-cert-file'), flag('--peer-key-file')),
      `Follow the etcd service documentation and configure peer TLS encryption as appropriate\nfor your etcd cluster.\nThen, ${EDIT} set the below parameters.\n--peer-client-file=</path/to/peer-cert-file>\n--peer-key-file=</path/to/peer-key-file>`,
    ),
    check(
      5,
      'Ensure that the --peer-client-cert-auth argument is set to true (Automated)',
      all(flag('--peer-client-cert-auth', 'eq', 'true')),
      `${capital(EDIT)} set the below parameter.\n--peer-client-cert-auth=true`,
    ),
    check(
      6,
      'Ensure that the --peer-auto-tls argument is not set to true (Automated)',
      notTrue('--peer-auto-tls'),
      `${capital(EDIT)} either remove the --peer-auto-tls parameter or set it to false.\n--peer-auto-tls=false`,
    ),
    check(
      7,
      'Ensure that a unique Certificate Authority is used for etcd (Manual)',
      all(flag('--trusted-ca-file')),
      `[Manual test]\nFollow the etcd documentation and create a dedicated certificate authority setup for the\netcd service.\nThen, ${EDIT} set the below parameter.\n--trusted-ca-file=</path/to/ca-file>`,
    ),
  ],
};
