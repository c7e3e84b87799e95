import { type Json, listAt, type ManifestObject, objectAt, stringAt } from '../../manifests/manifests.ts';
import { type ContainerSpec, containersOf, type PodSpec, podSpecOf, securityField } from '../../manifests/pod-specs.ts';
import type { Misconfiguration, MisconfigurationCheck } from './misconfiguration.ts';

interface KubernetesCheck extends MisconfigurationCheck {
  /** Keys from the pod's specification to what is wrong, and what is said of it. */
  readonly find: (pod: PodSpec, of: string) => readonly Found[];
}

interface Found {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

const check = (
  number: string,
  severity: MisconfigurationCheck['severity'],
  title: string,
  description: string,
  find: KubernetesCheck['find'],
): KubernetesCheck => ({ id: `AVD-KSV-${number}`, severity, title, description, find });

/** Each container that fails a test. */
const containers =
  (fails: (container: Json, pod: PodSpec) => boolean, say: string): KubernetesCheck['find'] =>
  (pod, of) =>
    containersOf(pod, 'containers', 'initContainers')
      .filter(({ container }) => fails(container, pod))
      .map(({ container, path }: ContainerSpec) => ({
        message: `Container '${stringAt(container, 'name')}' of ${of} should ${say}`,
        path,
      }));

const own = (container: Json, field: string): unknown => objectAt(container, 'securityContext')[field];
const capabilities = (container: Json, field: string): readonly unknown[] => {
  const list = objectAt(objectAt(container, 'securityContext'), 'capabilities')[field];
  return Array.isArray(list) ? list : [];
};
const lacks = (kind: string, resource: string) => (container: Json) =>
  objectAt(objectAt(container, 'resources'), kind)[resource] === undefined;
const low = (field: string) => (container: Json, pod: PodSpec) => {
  const id = securityField(pod, container, field);
  return typeof id !== 'number' || id <= 10_000;
};

const hostNamespace =
  (field: string): KubernetesCheck['find'] =>
  ({ spec, path }, of) =>
    spec[field] === true
      ? [{ message: `${of} should not set 'spec.template.spec.${field}' to true`, path: [...path, field] }]
      : [];

const hostPaths = (spec: Json): readonly (readonly [number, string])[] =>
  listAt(spec, 'volumes').flatMap((volume, index) => {
    const host = volume['hostPath'];
    return host === undefined ? [] : [[index, stringAt(objectAt(volume, 'hostPath'), 'path')] as const];
  });

/** A part of trivy's Kubernetes checks with their ids, severities and texts (trivy-checks, checks/kubernetes). */
export const KUBERNETES_CHECKS: readonly KubernetesCheck[] = [
  check(
    '0001',
    'MEDIUM',
    'Can elevate its own privileges',
    'A program inside the container can elevate its own privileges and run as root, which might give the program control over the container and node.',
    containers(
      (container) => own(container, 'allowPrivilegeEscalation') !== false,
      "set 'securityContext.allowPrivilegeEscalation' to false",
    ),
  ),
  check(
    '0003',
    'LOW',
    'Default capabilities: some containers do not drop all',
    'The container should drop all default capabilities and add only those that are needed for its execution.',
    containers(
      (container) => !capabilities(container, 'drop').some((one) => /^all$/i.test(String(one))),
      "add 'ALL' to 'securityContext.capabilities.drop'",
    ),
  ),
  check(
    '0005',
    'HIGH',
    'SYS_ADMIN capability added',
    'SYS_ADMIN gives the processes running inside the container privileges that are equivalent to root.',
    containers(
      (container) => capabilities(container, 'add').includes('SYS_ADMIN'),
      "not include 'SYS_ADMIN' in 'securityContext.capabilities.add'",
    ),
  ),
  check(
    '0006',
    'HIGH',
    'hostPath volume mounted with docker.sock',
    'Mounting docker.sock from the host can give the container full root access to the host.',
    ({ spec, path }, of) =>
      hostPaths(spec)
        .filter(([, host]) => host === '/var/run/docker.sock')
        .map(([index]) => ({
          message: `${of} should not specify '/var/run/docker.socker' in 'spec.template.volumes.hostPath.path'`,
          path: [...path, 'volumes', index],
        })),
  ),
  check(
    '0008',
    'HIGH',
    'Access to host IPC namespace',
    'Sharing the host’s IPC namespace allows container processes to communicate with processes on the host.',
    hostNamespace('hostIPC'),
  ),
  check(
    '0009',
    'HIGH',
    'Access to host network',
    'Sharing the host’s network namespace permits processes in the pod to communicate with processes bound to the host’s loopback adapter.',
    hostNamespace('hostNetwork'),
  ),
  check(
    '0010',
    'HIGH',
    'Access to host PID',
    'Sharing the host’s PID namespace allows visibility on host processes, potentially leaking information such as environment variables and configuration.',
    hostNamespace('hostPID'),
  ),
  check(
    '0011',
    'LOW',
    'CPU not limited',
    'Enforcing CPU limits prevents DoS via resource exhaustion.',
    containers(lacks('limits', 'cpu'), "set 'resources.limits.cpu'"),
  ),
  check(
    '0012',
    'MEDIUM',
    'Runs as root user',
    'Force the running image to run as a non-root user to ensure least privileges.',
    containers(
      (container, pod) => securityField(pod, container, 'runAsNonRoot') !== true,
      "set 'securityContext.runAsNonRoot' to true",
    ),
  ),
  check(
    '0013',
    'MEDIUM',
    'Image tag ":latest" used',
    "It is best to avoid using the ':latest' image tag when deploying containers in production. Doing so makes it hard to track which version of the image is running, and hard to roll back the version.",
    containers((container) => isLatest(stringAt(container, 'image')), 'specify an image tag'),
  ),
  check(
    '0014',
    'HIGH',
    'Root file system is not read-only',
    'An immutable root file system prevents applications from writing to their local disk. This can limit intrusions, as attackers will not be able to tamper with the file system or write foreign executables to disk.',
    containers(
      (container) => own(container, 'readOnlyRootFilesystem') !== true,
      "set 'securityContext.readOnlyRootFilesystem' to true",
    ),
  ),
  check(
    '0015',
    'LOW',
    'CPU requests not specified',
    'When containers have resource requests specified, the scheduler can make better decisions about which nodes to place pods on, and how to deal with resource contention.',
    containers(lacks('requests', 'cpu'), "set 'resources.requests.cpu'"),
  ),
  check(
    '0016',
    'LOW',
    'Memory requests not specified',
    'When containers have memory requests specified, the scheduler can make better decisions about which nodes to place pods on, and how to deal with resource contention.',
    containers(lacks('requests', 'memory'), "set 'resources.requests.memory'"),
  ),
  check(
    '0017',
    'HIGH',
    'Privileged',
    'Privileged containers share namespaces with the host system and do not offer any security. They should be used exclusively for system containers that require high privileges.',
    containers((container) => own(container, 'privileged') === true, "set 'securityContext.privileged' to false"),
  ),
  check(
    '0018',
    'LOW',
    'Memory not limited',
    'Enforcing memory limits prevents DoS via resource exhaustion.',
    containers(lacks('limits', 'memory'), "set 'resources.limits.memory'"),
  ),
  check(
    '0020',
    'LOW',
    'Runs with UID <= 10000',
    'Force the container to run with user ID > 10000 to avoid conflicts with the host’s user table.',
    containers(low('runAsUser'), "set 'securityContext.runAsUser' > 10000"),
  ),
  check(
    '0021',
    'LOW',
    'Runs with GID <= 10000',
    'Force the container to run with group ID > 10000 to avoid conflicts with the host’s user table.',
    containers(low('runAsGroup'), "set 'securityContext.runAsGroup' > 10000"),
  ),
  check(
    '0023',
    'MEDIUM',
    'hostPath volumes mounted',
    "According to pod security standard 'HostPath Volumes', HostPath volumes must be forbidden.",
    ({ spec, path }, of) =>
      hostPaths(spec).length === 0
        ? []
        : [{ message: `${of} should not set 'spec.template.volumes.hostPath'`, path: [...path, 'volumes'] }],
  ),
  check(
    '0030',
    'LOW',
    'Runtime/Default Seccomp profile not set',
    "According to pod security standard 'Seccomp', the RuntimeDefault seccomp profile must be required, or allow specific additional profiles.",
    (pod) =>
      containersOf(pod, 'containers', 'initContainers')
        .filter(({ container }) => {
          const profile = securityField(pod, container, 'seccompProfile');
          return !['RuntimeDefault', 'Localhost'].includes(stringAt(objectAt({ profile }, 'profile'), 'type'));
        })
        .map(({ path }) => ({
          message: "Either Pod or Container should set 'securityContext.seccompProfile.type' to 'RuntimeDefault'",
          path,
        })),
  ),
];

function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** What each check finds in an object, check by check. */
export function kubernetesMisconfigurations(object: ManifestObject): readonly Misconfiguration[] {
  const pod = podSpecOf(object);
  if (pod === undefined) return [];
  const of = `${object.kind} '${object.name}'`;
  return KUBERNETES_CHECKS.flatMap(({ find, ...check }) =>
    find(pod, of).map(({ message, path }) => ({ check, message, lines: object.linesOf(path) })),
  );
}
