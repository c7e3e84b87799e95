import type { Check, Group } from '../benchmark.ts';
import { below, etcdData, ownership, pathOf, permissions } from '../audits.ts';
import type { PathVariable } from '../node-state.ts';

const RUN = 'Run the below command (based on the file location on your system) on the control plane node.\n';
const example = (command: string): string => `${RUN}For example,\n${command}\n`;

/** Two recommendations of a file: its permissions, then its owner. */
const guarded = (first: number, name: string, variable: PathVariable): readonly Check[] => {
  const file = { named: `$${variable}`, paths: pathOf(variable) };
  return [
    permissions('600', {
      ...file,
      id: `1.1.${first}`,
      text: `Ensure that the ${name} permissions are set to 600 or more restrictive (Automated)`,
      remediation: example(`chmod 600 $${variable}`),
    }),
    ownership('root:root', {
      ...file,
      id: `1.1.${first + 1}`,
      text: `Ensure that the ${name} ownership is set to root:root (Automated)`,
      remediation: example(`chown root:root $${variable}`),
    }),
  ];
};

const CNI = { named: '<path/to/cni/files>', paths: below('/var/lib/cni/networks', '') };
const DATA =
  "On the etcd server node, get the etcd data directory, passed as an argument --data-dir,\nfrom the command 'ps -ef | grep etcd'.\nRun the below command (based on the etcd data directory found above). For example,\n";
const ADMIN = {
  named: '/etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf',
  paths: () => ['/etc/kubernetes/admin.conf', '/etc/kubernetes/super-admin.conf'],
};
const alsoSuperAdmin = (command: string): string =>
  `${RUN}For example, ${command} /etc/kubernetes/admin.conf\nOn Kubernetes 1.29+ the super-admin.conf file should also be modified, if present.\nFor example, ${command} /etc/kubernetes/super-admin.conf\n`;
const PKI = '/etc/kubernetes/pki';

/** Section 1.1 (kube-bench, cfg/cis-1.12/master.yaml). */
export const CONFIGURATION_FILES: Group = {
  id: '1.1',
  text: 'Control Plane Node Configuration Files',
  checks: [
    ...guarded(1, 'API server pod specification file', 'apiserverconf'),
    ...guarded(3, 'controller manager pod specification file', 'controllermanagerconf'),
    ...guarded(5, 'scheduler pod specification file', 'schedulerconf'),
    ...guarded(7, 'etcd pod specification file', 'etcdconf'),
    permissions('600', {
      ...CNI,
      id: '1.1.9',
      text: 'Ensure that the Container Network Interface file permissions are set to 600 or more restrictive (Manual)',
      remediation: `${RUN}For example, chmod 600 <path/to/cni/files>\n`,
    }),
    ownership('root:root', {
      ...CNI,
      id: '1.1.10',
      text: 'Ensure that the Container Network Interface file ownership is set to root:root (Manual)',
      remediation: example('chown root:root <path/to/cni/files>'),
    }),
    permissions('700', {
      id: '1.1.11',
      text: 'Ensure that the etcd data directory permissions are set to 700 or more restrictive (Automated)',
      named: '"$DATA_DIR"',
      paths: etcdData,
      remediation: `${DATA}chmod 700 /var/lib/etcd\n`,
    }),
    ownership('etcd:etcd', {
      id: '1.1.12',
      text: 'Ensure that the etcd data directory ownership is set to etcd:etcd (Automated)',
      named: '"$DATA_DIR"',
      paths: etcdData,
      remediation: `${DATA}chown etcd:etcd /var/lib/etcd\n`,
    }),
    permissions('600', {
      ...ADMIN,
      id: '1.1.13',
      text: 'Ensure that the default administrative credential file permissions are set to 600 (Automated)',
      remediation: alsoSuperAdmin('chmod 600'),
    }),
    ownership('root:root', {
      ...ADMIN,
      id: '1.1.14',
      text: 'Ensure that the default administrative credential file ownership is set to root:root (Automated)',
      remediation: alsoSuperAdmin('chown root:root'),
    }),
    ...guarded(15, 'scheduler.conf file', 'schedulerkubeconfig'),
    ...guarded(17, 'controller-manager.conf file', 'controllermanagerkubeconfig'),
    ownership('root:root', {
      id: '1.1.19',
      text: 'Ensure that the Kubernetes PKI directory and file ownership is set to root:root (Automated)',
      named: `$(find ${PKI}/)`,
      paths: below(PKI, ''),
      remediation: example(`chown -R root:root ${PKI}/`),
    }),
    permissions('644', {
      id: '1.1.20',
      text: 'Ensure that the Kubernetes PKI certificate file permissions are set to 644 or more restrictive (Manual)',
      named: `$(find ${PKI}/ -name '*.crt')`,
      paths: below(PKI, '.crt'),
      remediation: example(`chmod -R 644 ${PKI}/*.crt`),
    }),
    permissions('600', {
      id: '1.1.21',
      text: 'Ensure that the Kubernetes PKI key file permissions are set to 600 (Manual)',
      named: `$(find ${PKI}/ -name '*.key')`,
      paths: below(PKI, '.key'),
      remediation: example(`chmod -R 600 ${PKI}/*.key`),
    }),
  ],
};
