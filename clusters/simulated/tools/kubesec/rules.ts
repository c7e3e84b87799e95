import { type Json, listAt, type ManifestObject, objectAt, stringAt } from '../manifests/manifests.ts';
import { containersOf, type PodSpec, securityField } from '../manifests/pod-specs.ts';

/** A rule of kubesec (github.com/controlplaneio/kubesec, pkg/ruler/ruleset.go): negative points are critical, others are advised until met. */
export interface Rule {
  readonly id: string;
  readonly selector: string;
  readonly reason: string;
  readonly points: number;
  /** Only for these kinds; for every workload that kubesec knows where it is left out. */
  readonly kinds?: readonly string[];
  readonly holds: (pod: PodSpec, object: ManifestObject) => boolean;
}

export const KINDS = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet'];

const everyKind = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** kubesec counts containers that meet a rule, and one is enough. */
const some = (pod: PodSpec, test: (container: Json) => boolean): boolean =>
  containersOf(pod, ...everyKind).some(({ container }) => test(container));
const inSecurity =
  (field: string, test: (value: unknown) => boolean, ofPodsToo = true) =>
  (pod: PodSpec): boolean =>
    some(pod, (container) => test(securityField(pod, container, field, ofPodsToo)));
const inResources = (kind: string, resource: string) => (pod: PodSpec) =>
  containersOf(pod, 'containers').some(
    ({ container }) => objectAt(objectAt(container, 'resources'), kind)[resource] !== undefined,
  );
const capabilities = (container: Json, field: string): readonly unknown[] => {
  const list = objectAt(objectAt(container, 'securityContext'), 'capabilities')[field];
  return Array.isArray(list) ? list : [];
};
const inSpec = (field: string) => (pod: PodSpec) => pod.spec[field] === true;
const isTrue = (value: unknown): boolean => value === true;
const isHigh = (value: unknown): boolean => typeof value === 'number' && value > 10_000;
const profile = (value: unknown): string => stringAt(objectAt({ value }, 'value'), 'type');
const appArmor = ({ metadata }: PodSpec): boolean =>
  Object.keys(objectAt(metadata, 'annotations')).some((key) =>
    key.startsWith('container.apparmor.security.beta.kubernetes.io/'),
  );

const SECCOMP = String.raw`.metadata .annotations ."container.seccomp.security.alpha.kubernetes.io/pod"`;
const BALANCE = (what: string): string =>
  `Enforcing ${what} requests aids a fair balancing of resources across the cluster`;
const EXHAUSTION = (what: string): string => `Enforcing ${what} limits prevents DOS via resource exhaustion`;

export const RULES: readonly Rule[] = [
  {
    id: 'HostNetwork',
    selector: '.spec .hostNetwork == true',
    reason:
      "Sharing the host's network namespace permits processes in the pod to communicate with processes bound to the host's loopback adapter",
    points: -9,
    holds: inSpec('hostNetwork'),
  },
  {
    id: 'HostPID',
    selector: '.spec .hostPID == true',
    reason:
      "Sharing the host's PID namespace allows visibility of processes on the host, potentially leaking information such as environment variables and configuration",
    points: -9,
    holds: inSpec('hostPID'),
  },
  {
    id: 'HostIPC',
    selector: '.spec .hostIPC == true',
    reason: "Sharing the host's IPC namespace allows container processes to communicate with processes on the host",
    points: -9,
    holds: inSpec('hostIPC'),
  },
  {
    id: 'ReadOnlyRootFilesystem',
    selector: 'containers[] .securityContext .readOnlyRootFilesystem == true',
    reason: 'An immutable root filesystem can prevent malicious binaries being added to PATH and increase attack cost',
    points: 1,
    holds: inSecurity('readOnlyRootFilesystem', isTrue, false),
  },
  {
    id: 'RunAsNonRoot',
    selector: '.spec, .spec.containers[] | .securityContext .runAsNonRoot == true',
    reason: 'Force the running image to run as a non-root user to ensure least privilege',
    points: 1,
    holds: inSecurity('runAsNonRoot', isTrue),
  },
  {
    id: 'RunAsUser',
    selector: '.spec, .spec.containers[] | .securityContext .runAsUser -gt 10000',
    reason: "Run as a high-UID user to avoid conflicts with the host's users",
    points: 1,
    holds: inSecurity('runAsUser', isHigh),
  },
  {
    id: 'RunAsGroup',
    selector: '.spec, .spec.containers[] | .securityContext .runAsGroup -gt 10000',
    reason: "Run as a high-UID group to avoid conflicts with the host's groups",
    points: 1,
    holds: inSecurity('runAsGroup', isHigh),
  },
  {
    id: 'Privileged',
    selector: 'containers[] .securityContext .privileged == true',
    reason: 'Privileged containers can allow almost completely unrestricted host access',
    points: -30,
    holds: inSecurity('privileged', isTrue, false),
  },
  {
    id: 'CapSysAdmin',
    selector: 'containers[] .securityContext .capabilities .add == SYS_ADMIN',
    reason: 'CAP_SYS_ADMIN is the most privileged capability and should always be avoided',
    points: -30,
    holds: (pod) => some(pod, (container) => capabilities(container, 'add').includes('SYS_ADMIN')),
  },
  {
    id: 'CapDropAny',
    selector: 'containers[] .securityContext .capabilities .drop',
    reason: 'Reducing kernel capabilities available to a container limits its attack surface',
    points: 1,
    holds: (pod) => some(pod, (container) => capabilities(container, 'drop').length > 0),
  },
  {
    id: 'CapDropAll',
    selector: String.raw`containers[] .securityContext .capabilities .drop | index("ALL")`,
    reason: 'Drop all capabilities and add only those required to reduce syscall attack surface',
    points: 1,
    holds: (pod) => some(pod, (container) => capabilities(container, 'drop').includes('ALL')),
  },
  {
    id: 'DockerSock',
    selector: 'volumes[] .hostPath .path == /var/run/docker.sock',
    reason: 'Mounting the docker.socket leaks information about other containers and can allow container breakout',
    points: -9,
    holds: ({ spec }) =>
      listAt(spec, 'volumes').some(
        (volume) => stringAt(objectAt(volume, 'hostPath'), 'path') === '/var/run/docker.sock',
      ),
  },
  {
    id: 'RequestsCPU',
    selector: 'containers[] .resources .requests .cpu',
    reason: BALANCE('CPU'),
    points: 1,
    holds: inResources('requests', 'cpu'),
  },
  {
    id: 'LimitsCPU',
    selector: 'containers[] .resources .limits .cpu',
    reason: EXHAUSTION('CPU'),
    points: 1,
    holds: inResources('limits', 'cpu'),
  },
  {
    id: 'RequestsMemory',
    selector: 'containers[] .resources .requests .memory',
    reason: BALANCE('memory'),
    points: 1,
    holds: inResources('requests', 'memory'),
  },
  {
    id: 'LimitsMemory',
    selector: 'containers[] .resources .limits .memory',
    reason: EXHAUSTION('memory'),
    points: 1,
    holds: inResources('limits', 'memory'),
  },
  {
    id: 'ServiceAccountName',
    selector: '.spec .serviceAccountName',
    reason: 'Service accounts restrict Kubernetes API access and should be configured with least privilege',
    points: 3,
    holds: ({ spec }) => stringAt(spec, 'serviceAccountName') !== '',
  },
  {
    id: 'AutomountServiceAccountToken',
    selector: '.spec .automountServiceAccountToken == false',
    reason: 'Disabling the automounting of Service Account Token reduces the attack surface of the API server',
    points: 1,
    holds: ({ spec }) => spec['automountServiceAccountToken'] === false,
  },
  {
    id: 'HostAliases',
    selector: '.spec .hostAliases',
    reason:
      "Managing /etc/hosts aliases can prevent the container from modifying the file after a pod's containers have already been started. DNS should be managed by the orchestrator",
    points: -3,
    holds: ({ spec }) => listAt(spec, 'hostAliases').length > 0,
  },
  {
    id: 'SeccompAny',
    selector: SECCOMP,
    reason: 'Seccomp profiles set minimum privilege and secure against unknown threats',
    points: 1,
    holds: inSecurity('seccompProfile', (value) => !['', 'Unconfined'].includes(profile(value))),
  },
  {
    id: 'SeccompUnconfined',
    selector: SECCOMP,
    reason: 'Unconfined Seccomp profiles have full system call access',
    points: -1,
    holds: inSecurity('seccompProfile', (value) => profile(value) === 'Unconfined'),
  },
  {
    id: 'ApparmorAny',
    selector: String.raw`.metadata .annotations ."container.apparmor.security.beta.kubernetes.io/nginx"`,
    reason:
      'Well defined AppArmor policies may provide greater protection from unknown threats. WARNING: NOT PRODUCTION READY',
    points: 3,
    holds: appArmor,
  },
  {
    id: 'VolumeClaimAccessModeReadWriteOnce',
    selector: String.raw`.spec .volumeClaimTemplates[] .spec .accessModes | index("ReadWriteOnce")`,
    reason: '',
    points: 1,
    kinds: ['StatefulSet'],
    holds: (_, { value }) =>
      listAt(objectAt(value, 'spec'), 'volumeClaimTemplates').some((claim) => {
        const modes = objectAt(claim, 'spec')['accessModes'];
        return Array.isArray(modes) && modes.includes('ReadWriteOnce');
      }),
  },
  {
    id: 'VolumeClaimRequestsStorage',
    selector: '.spec .volumeClaimTemplates[] .spec .resources .requests .storage',
    reason: '',
    points: 1,
    kinds: ['StatefulSet'],
    holds: (_, { value }) =>
      listAt(objectAt(value, 'spec'), 'volumeClaimTemplates').some(
        (claim) => objectAt(objectAt(objectAt(claim, 'spec'), 'resources'), 'requests')['storage'] !== undefined,
      ),
  },
  {
    id: 'AllowPrivilegeEscalation',
    selector: 'containers[] .securityContext .allowPrivilegeEscalation == true',
    reason: 'Ensure a non-root process can not gain more privileges',
    points: -7,
    holds: inSecurity('allowPrivilegeEscalation', isTrue, false),
  },
];
