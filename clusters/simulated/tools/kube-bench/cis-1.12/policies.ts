import { all, eachLine, flag, type Audit, type Check, type Group } from '../benchmark.ts';
import {
  allowing,
  CLUSTER_ADMINS,
  DEFAULT_SERVICE_ACCOUNTS,
  everybodyMay,
  MOUNTED_TOKENS,
  sharing,
  WILDCARDS,
} from '../cluster-audits.ts';

const manual = (id: string, text: string, remediation: string): Check => ({
  id,
  text: `${text} (Manual)`,
  remediation: `${remediation}\n`,
});
const asked = (
  id: string,
  text: string,
  audit: Audit,
  [name, value]: readonly [string, string],
  remediation: string,
) => ({
  ...manual(id, text, remediation),
  audit,
  tests: eachLine(all(flag(name, 'eq', value))),
});

const COMPLIANT = ['is_compliant', 'true'] as const;
const minimize = (what: string): string => `Minimize the admission of ${what}`;
const ADD = 'Add policies to each namespace in the cluster which has user workloads to restrict the\nadmission of';
const remove = (what: string): string => `Where possible, remove ${what}`;

const shared = (id: string, name: string, field: 'hostPID' | 'hostIPC' | 'hostNetwork'): Check =>
  asked(
    id,
    minimize(`containers wishing to share the host ${name} namespace`),
    sharing(field),
    COMPLIANT,
    `${ADD} \`${field}\` containers.\nAudit: the audit retrieves each Pod' spec.${field}.\nCondition: is_compliant is false if Pod's spec.${field} is set to \`true\`.\nDefault: by default, there are no restrictions on the creation of ${field} containers.`,
  );

const RBAC: readonly Check[] = [
  asked(
    '5.1.1',
    'Ensure that the cluster-admin role is only used where required',
    CLUSTER_ADMINS,
    COMPLIANT,
    'Identify all clusterrolebindings to the cluster-admin role. Check if they are used and\nif they need this role or if they could use a role with fewer privileges.\nWhere possible, first bind users to a lower privileged role and then remove the\nclusterrolebinding to the cluster-admin role : kubectl delete clusterrolebinding [name]\nCondition: is_compliant is false if rolename is not cluster-admin and rolebinding is cluster-admin.',
  ),
  asked(
    '5.1.2',
    'Minimize access to secrets',
    everybodyMay('canGetListWatchSecretsAsSystemAuthenticated', 'get,list,watch', 'secrets'),
    ['canGetListWatchSecretsAsSystemAuthenticated', 'no'],
    remove('get, list and watch access to Secret objects in the cluster.'),
  ),
  asked(
    '5.1.3',
    'Minimize wildcard use in Roles and ClusterRoles',
    WILDCARDS,
    // Its name ends that of the lines about cluster roles too.
    ['role_is_compliant', 'true'],
    'Where possible replace any use of wildcards ["*"] in roles and clusterroles with specific\nobjects or actions.\nCondition: role_is_compliant is false if ["*"] is found in rules.\nCondition: clusterrole_is_compliant is false if ["*"] is found in rules.',
  ),
  asked(
    '5.1.4',
    'Minimize access to create pods',
    everybodyMay('canCreatePodsAsSystemAuthenticated', 'create', 'pods'),
    ['canCreatePodsAsSystemAuthenticated', 'no'],
    remove('create access to pod objects in the cluster.'),
  ),
  asked(
    '5.1.5',
    'Ensure that default service accounts are not actively used',
    DEFAULT_SERVICE_ACCOUNTS,
    ['automountServiceAccountToken', 'false'],
    'Create explicit service accounts wherever a Kubernetes workload requires specific access\nto the Kubernetes API server.\nModify the configuration of each default service account to include this value\n`automountServiceAccountToken: false`.',
  ),
  asked(
    '5.1.6',
    'Ensure that Service Account Tokens are only mounted where necessary',
    MOUNTED_TOKENS,
    COMPLIANT,
    "Modify the definition of ServiceAccounts and Pods which do not need to mount service\naccount tokens to disable it, with `automountServiceAccountToken: false`.\nIf both the ServiceAccount and the Pod's .spec specify a value for automountServiceAccountToken, the Pod spec takes precedence.\nCondition: Pod is_compliant to true when\n  - ServiceAccount is automountServiceAccountToken: false and Pod is automountServiceAccountToken: false or notset\n  - ServiceAccount is automountServiceAccountToken: true notset and Pod is automountServiceAccountToken: false",
  ),
  manual(
    '5.1.7',
    'Avoid use of system:masters group',
    'Remove the system:masters group from all users in the cluster.',
  ),
  manual(
    '5.1.8',
    'Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster',
    remove('the impersonate, bind and escalate rights from subjects.'),
  ),
  manual(
    '5.1.9',
    'Minimize access to create persistent volumes',
    remove('create access to PersistentVolume objects in the cluster.'),
  ),
  manual(
    '5.1.10',
    'Minimize access to the proxy sub-resource of nodes',
    remove('access to the proxy sub-resource of node objects.'),
  ),
  manual(
    '5.1.11',
    'Minimize access to the approval sub-resource of certificatesigningrequests objects',
    remove('access to the approval sub-resource of certificatesigningrequests objects.'),
  ),
  manual(
    '5.1.12',
    'Minimize access to webhook configuration objects',
    remove('access to the validatingwebhookconfigurations or mutatingwebhookconfigurations objects'),
  ),
  manual(
    '5.1.13',
    'Minimize access to the service account token creation',
    remove('access to the token sub-resource of serviceaccount objects.'),
  ),
];

const POD_SECURITY: readonly Check[] = [
  manual(
    '5.2.1',
    'Ensure that the cluster has at least one active policy control mechanism in place',
    'Ensure that either Pod Security Admission or an external policy control system is in place\nfor every namespace which contains user workloads.',
  ),
  asked(
    '5.2.2',
    minimize('privileged containers'),
    allowing('privileged', 'is_container_privileged'),
    COMPLIANT,
    `${ADD} privileged containers.\nAudit: the audit list all pods' containers to retrieve their .securityContext.privileged value.\nCondition: is_compliant is false if container's \`.securityContext.privileged\` is set to \`true\`.\nDefault: by default, there are no restrictions on the creation of privileged containers.`,
  ),
  shared('5.2.3', 'process ID', 'hostPID'),
  shared('5.2.4', 'IPC', 'hostIPC'),
  shared('5.2.5', 'network', 'hostNetwork'),
  asked(
    '5.2.6',
    minimize('containers with allowPrivilegeEscalation'),
    allowing('allowPrivilegeEscalation', 'is_container_allowprivesc'),
    COMPLIANT,
    `${ADD} containers with \`.securityContext.allowPrivilegeEscalation\` set to \`true\`.\nAudit: the audit retrieves each Pod's container(s) \`.securityContext.allowPrivilegeEscalation\`.\nCondition: is_compliant is false if container's \`.securityContext.allowPrivilegeEscalation\` is set to \`true\`.\nDefault: If notset, privilege escalation is allowed (default to true). However if PSP/PSA is used with a \`restricted\` profile,\nprivilege escalation is explicitly disallowed unless configured otherwise.`,
  ),
  manual(
    '5.2.7',
    minimize('root containers'),
    'Create a policy for each namespace in the cluster, ensuring that either `MustRunAsNonRoot`\nor `MustRunAs` with the range of UIDs not including 0, is set.',
  ),
  manual(
    '5.2.8',
    minimize('containers with the NET_RAW capability'),
    `${ADD} containers with the \`NET_RAW\` capability.`,
  ),
  manual(
    '5.2.9',
    minimize('containers with capabilities assigned'),
    'Review the use of capabilities in applications running on your cluster. Where a\nnamespace contains applications which do not require any Linux capabilities to operate\nconsider adding a policy which forbids the admission of containers which do not drop all\ncapabilities.',
  ),
  manual(
    '5.2.10',
    minimize('Windows HostProcess containers'),
    `${ADD} containers that have \`.securityContext.windowsOptions.hostProcess\` set to \`true\`.`,
  ),
  manual('5.2.11', minimize('HostPath volumes'), `${ADD} containers with \`hostPath\` volumes.`),
  manual('5.2.12', minimize('containers which use HostPorts'), `${ADD} containers which use \`hostPort\` sections.`),
];

/** Section 5 (kube-bench, cfg/cis-1.12/policies.yaml). */
export const POLICIES: readonly Group[] = [
  { id: '5.1', text: 'RBAC and Service Accounts', checks: RBAC },
  { id: '5.2', text: 'Pod Security Standards', checks: POD_SECURITY },
  {
    id: '5.3',
    text: 'Network Policies and CNI',
    checks: [
      manual(
        '5.3.1',
        'Ensure that the CNI in use supports NetworkPolicies',
        'If the CNI plugin in use does not support network policies, consideration should be given to\nmaking use of a different plugin, or finding an alternate mechanism for restricting traffic\nin the Kubernetes cluster.',
      ),
      manual(
        '5.3.2',
        'Ensure that all Namespaces have NetworkPolicies defined',
        'Follow the documentation and create NetworkPolicy objects as you need them.',
      ),
    ],
  },
  {
    id: '5.4',
    text: 'Secrets Management',
    checks: [
      manual(
        '5.4.1',
        'Prefer using Secrets as files over Secrets as environment variables',
        'If possible, rewrite application code to read Secrets from mounted secret files, rather than\nfrom environment variables.',
      ),
      manual(
        '5.4.2',
        'Consider external secret storage',
        'Refer to the Secrets management options offered by your cloud provider or a third-party\nsecrets management solution.',
      ),
    ],
  },
  {
    id: '5.5',
    text: 'Extensible Admission Control',
    checks: [
      manual(
        '5.5.1',
        'Configure Image Provenance using ImagePolicyWebhook admission controller',
        'Follow the Kubernetes documentation and setup image provenance.',
      ),
    ],
  },
  {
    id: '5.6',
    text: 'General Policies',
    checks: [
      manual(
        '5.6.1',
        'Create administrative boundaries between resources using namespaces',
        'Follow the documentation and create namespaces for objects in your deployment as you need\nthem.',
      ),
      manual(
        '5.6.2',
        'Ensure that the seccomp profile is set to docker/default in your Pod definitions',
        'Use `securityContext` to enable the docker/default seccomp profile in your pod definitions.\nAn example is as below:\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault',
      ),
      manual(
        '5.6.3',
        'Apply SecurityContext to your Pods and Containers',
        'Follow the Kubernetes documentation and apply SecurityContexts to your Pods. For a\nsuggested list of SecurityContexts, you may refer to the CIS Security Benchmark for Docker\nContainers.',
      ),
      manual(
        '5.6.4',
        'The default namespace should not be used',
        'Ensure that namespaces are created to allow for appropriate segregation of Kubernetes\nresources and that all new resources are created in a specific namespace.',
      ),
    ],
  },
];
