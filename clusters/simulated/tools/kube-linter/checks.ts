// Longer than a sitting: it is one table, whose rows are read one at a time.
import { isObject, type Json, listAt, type ManifestObject, objectAt, stringAt } from '../manifests/manifests.ts';
import { containersOf, type PodSpec, podSpecOf, securityField } from '../manifests/pod-specs.ts';

/** A built-in check of kube-linter (github.com/stackrox/kube-linter, pkg/builtinchecks/yamls and pkg/templates). */
export interface Check {
  readonly name: string;
  readonly description: string;
  readonly remediation: string;
  /** Whether it is done unless it is excluded. */
  readonly byDefault: boolean;
  /** What is wrong with an object, in kube-linter's words; `all` is everything that is linted with it. */
  readonly findings: (object: ManifestObject, all: readonly ManifestObject[]) => readonly string[];
}

type Named = (container: Json, name: string, pod: PodSpec) => string | readonly string[] | undefined;

/** A check of each container of a pod. */
const ofContainers =
  (say: Named) =>
  (object: ManifestObject): readonly string[] => {
    const pod = podSpecOf(object);
    if (pod === undefined) return [];
    return containersOf(pod, 'initContainers', 'containers').flatMap(
      ({ container }) => say(container, stringAt(container, 'name'), pod) ?? [],
    );
  };

const ofPods =
  (
    say: (
      pod: PodSpec,
      object: ManifestObject,
      all: readonly ManifestObject[],
    ) => string | readonly string[] | undefined,
  ) =>
  (object: ManifestObject, all: readonly ManifestObject[]): readonly string[] => {
    const pod = podSpecOf(object);
    return pod === undefined ? [] : [say(pod, object, all) ?? []].flat();
  };

const security = (container: Json, field: string): unknown => objectAt(container, 'securityContext')[field];

const capabilities = (container: Json, field: string): readonly string[] => {
  const list = objectAt(objectAt(container, 'securityContext'), 'capabilities')[field];
  return Array.isArray(list) ? list.map(String) : [];
};

const resources = (what: 'cpu' | 'memory'): Check['findings'] =>
  ofContainers((container, name) => {
    const missing = (kind: string): boolean =>
      [undefined, null, 0, '0'].includes(objectAt(objectAt(container, 'resources'), kind)[what] as never);
    const said = {
      requests: `container "${name}" has ${what} request 0`,
      limits: `container "${name}" has ${what} limit 0`,
    };
    return [...(missing('requests') ? [said.requests] : []), ...(missing('limits') ? [said.limits] : [])];
  });

/** `latest-tag`'s BlockList, printed as Go prints it. */
const BLOCKED = [/.*:(latest)$/, /^[^:]*$/, /(.*\/[^:]+)$/];
const BLOCK_LIST = String.raw`[".*:(latest)$" "^[^:]*$" "(.*/[^:]+)$"]`;

const SENSITIVE = [/^\/$/, /^\/boot$/, /^\/dev$/, /^\/etc$/, /^\/lib$/, /^\/proc$/, /^\/sys$/, /^\/usr$/];

const hostMounts = (sensitive: readonly RegExp[]): Check['findings'] =>
  ofContainers((container, name, { spec }) =>
    listAt(spec, 'volumes')
      .filter((volume) => sensitive.some((one) => one.test(stringAt(objectAt(volume, 'hostPath'), 'path'))))
      .filter((volume) => listAt(container, 'volumeMounts').some((mount) => mount['name'] === volume['name']))
      .map(
        (volume) =>
          `host system directory "${stringAt(objectAt(volume, 'hostPath'), 'path')}" is mounted on container "${name}"`,
      ),
  );

const SECURITY_CONTEXT = 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/';
const REQUESTS = 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits';
const PROBES = 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/';

const matches = (selector: Json, labels: Json): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

const hostNamespace = (name: string, field: string, what: string): Check => ({
  name,
  description: `Alert on pods/deployment-likes with sharing host's ${what} namespace`,
  remediation: `Ensure the host's ${what} namespace is not shared.`,
  byDefault: true,
  findings: ofPods(({ spec }) =>
    spec[field] === true ? `object shares the host's ${what} namespace (via ${field}=true).` : undefined,
  ),
});

const probe = (name: string, field: string, what: string): Check => ({
  name,
  description: `Indicates when containers fail to specify a ${what} probe.`,
  remediation: `Specify a ${what} probe in your container. Refer to ${PROBES} for details.`,
  byDefault: false,
  findings: ofPods((pod) =>
    containersOf(pod, 'containers')
      .filter(({ container }) => !isObject(container[field]))
      .map(({ container }) => `container "${stringAt(container, 'name')}" does not specify a ${what} probe`),
  ),
});

/** In the order in which they are reported, which is by name. */
export const CHECKS: readonly Check[] = [
  {
    name: 'dangling-service',
    description: 'Indicates when services do not have any associated deployments.',
    remediation: "Confirm that your service's selector correctly matches the labels on one of your deployments.",
    byDefault: true,
    findings: ({ kind, namespace, value }, all) => {
      const selector = objectAt(objectAt(value, 'spec'), 'selector');
      if (kind !== 'Service' || Object.keys(selector).length === 0) return [];
      const served = all.some((other) => {
        const pod = podSpecOf(other);
        const labels = objectAt(
          other.kind === 'Pod' ? objectAt(other.value, 'metadata') : (pod?.metadata ?? {}),
          'labels',
        );
        return pod !== undefined && other.namespace === namespace && matches(selector, labels);
      });
      const words = Object.entries(selector).map(([key, text]) => `${key}:${String(text)}`);
      return served ? [] : [`no pods found matching service labels (map[${words.join(' ')}])`];
    },
  },
  {
    name: 'default-service-account',
    description: 'Indicates when pods use the default service account.',
    remediation:
      'Create a dedicated service account for your pod. Refer to https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/ for details.',
    byDefault: false,
    findings: ofPods(({ spec }) => {
      const account = stringAt(spec, 'serviceAccountName');
      return ['', 'default'].includes(account)
        ? `found matching serviceAccount ("${account}"), with token mounted`
        : undefined;
    }),
  },
  {
    name: 'docker-sock',
    description: 'Alert on deployments with docker.sock mounted in containers. ',
    remediation:
      'Ensure the Docker socket is not mounted inside any containers by removing the associated  Volume and VolumeMount in deployment yaml specification. If the Docker socket is mounted inside a container it could allow processes running within  the container to execute Docker commands which would effectively allow for full control of the host.',
    byDefault: true,
    findings: hostMounts([/docker.sock$/]),
  },
  {
    name: 'drop-net-raw-capability',
    description: 'Indicates when containers do not drop NET_RAW capability',
    remediation:
      'NET_RAW makes it so that an application within the container is able to craft raw packets, use raw sockets, and bind to any address. Remove this capability in the containers under containers security contexts.',
    byDefault: true,
    findings: ofContainers((container, name) => {
      if (!isObject(security(container, 'capabilities'))) return undefined;
      const added = capabilities(container, 'add').filter((one) => one === 'NET_RAW' || one === 'ALL');
      const dropped = capabilities(container, 'drop');
      const drops = dropped.includes('NET_RAW') || dropped.includes('ALL');
      return [
        ...added.map(
          (one) =>
            `container "${name}" has ADD capability: "${one}", which matched with the forbidden capability for containers`,
        ),
        ...(drops
          ? []
          : [
              `container "${name}" has DROP capabilities: [${dropped.map((one) => `"${one}"`).join(' ')}], but does not drop capability "NET_RAW" which is required`,
            ]),
      ];
    }),
  },
  {
    name: 'env-var-secret',
    description: 'Indicates when objects use a secret in an environment variable.',
    remediation:
      'Do not use raw secrets in environment variables. Instead, either mount the secret as a file or use a secretKeyRef. Refer to https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets for details.',
    byDefault: true,
    findings: ofContainers((container, name) =>
      listAt(container, 'env')
        .filter((one) => /secret/i.test(stringAt(one, 'name')) && stringAt(one, 'value') !== '')
        .map((one) => `environment variable ${stringAt(one, 'name')} in container "${name}" found`),
    ),
  },
  hostNamespace('host-ipc', 'hostIPC', 'IPC'),
  hostNamespace('host-network', 'hostNetwork', 'network'),
  hostNamespace('host-pid', 'hostPID', 'process'),
  {
    name: 'latest-tag',
    description: 'Indicates when a deployment-like object is running a container with an invalid container image',
    remediation: 'Use a container image with a specific tag other than latest.',
    byDefault: true,
    findings: ofContainers((container, name) => {
      const image = stringAt(container, 'image');
      return BLOCKED.some((one) => one.test(image))
        ? `The container "${name}" is using an invalid container image, "${image}". Please use images that are not blocked by the \`BlockList\` criteria : ${BLOCK_LIST}`
        : undefined;
    }),
  },
  probe('no-liveness-probe', 'livenessProbe', 'liveness'),
  {
    name: 'no-read-only-root-fs',
    description: 'Indicates when containers are running without a read-only root filesystem.',
    remediation: 'Set readOnlyRootFilesystem to true in the container securityContext.',
    byDefault: true,
    findings: ofContainers((container, name) =>
      security(container, 'readOnlyRootFilesystem') === true
        ? undefined
        : `container "${name}" does not have a read-only root file system`,
    ),
  },
  probe('no-readiness-probe', 'readinessProbe', 'readiness'),
  {
    name: 'non-existent-service-account',
    description: 'Indicates when pods reference a service account that is not found.',
    remediation: 'Create the missing service account, or refer to an existing service account.',
    byDefault: true,
    findings: ofPods(({ spec }, { namespace }, all) => {
      const account = stringAt(spec, 'serviceAccountName');
      const exists = all.some(
        (other) => other.kind === 'ServiceAccount' && other.name === account && other.namespace === namespace,
      );
      return ['', 'default'].includes(account) || exists ? undefined : `serviceAccount "${account}" not found`;
    }),
  },
  {
    name: 'privilege-escalation-container',
    description:
      'Alert on containers of allowing privilege escalation that could gain more privileges than its parent process.',
    remediation: `Ensure containers do not allow privilege escalation by setting allowPrivilegeEscalation=false, privileged=false and removing CAP_SYS_ADMIN capability. See ${SECURITY_CONTEXT} for more details.`,
    byDefault: true,
    findings: ofContainers((container, name) => [
      ...(security(container, 'allowPrivilegeEscalation') === true
        ? [`container "${name}" has AllowPrivilegeEscalation set to true.`]
        : []),
      ...(security(container, 'privileged') === true
        ? [`container "${name}" is Privileged hence allows privilege escalation.`]
        : []),
      ...(capabilities(container, 'add').includes('SYS_ADMIN')
        ? [`container "${name}" has SYS_ADMIN capability hence allows privilege escalation.`]
        : []),
    ]),
  },
  {
    name: 'privileged-container',
    description: 'Indicates when deployments have containers running in privileged mode.',
    remediation: 'Do not run your container as privileged unless it is required.',
    byDefault: true,
    findings: ofContainers((container, name) =>
      security(container, 'privileged') === true ? `container "${name}" is privileged` : undefined,
    ),
  },
  {
    name: 'run-as-non-root',
    description: 'Indicates when containers are not set to runAsNonRoot.',
    remediation: `Set runAsUser to a non-zero number and runAsNonRoot to true in your pod or container securityContext. Refer to ${SECURITY_CONTEXT} for details.`,
    byDefault: true,
    findings: ofContainers((container, name, pod) => {
      const user = securityField(pod, container, 'runAsUser');
      const nonRoot = securityField(pod, container, 'runAsNonRoot');
      if (typeof user === 'number' && user > 0) return undefined;
      if (nonRoot === true && user !== 0) return undefined;
      return nonRoot === true
        ? `container "${name}" is set to runAsNonRoot, but runAsUser set to 0`
        : `container "${name}" is not set to runAsNonRoot`;
    }),
  },
  {
    name: 'sensitive-host-mounts',
    description: 'Alert on deployments with sensitive host system directories mounted in containers',
    remediation:
      'Ensure sensitive host system directories are not mounted in containers by removing those Volumes and VolumeMounts.',
    byDefault: true,
    findings: hostMounts(SENSITIVE),
  },
  {
    name: 'ssh-port',
    description: 'Indicates when deployments expose port 22, which is commonly reserved for SSH access.',
    remediation:
      'Ensure that non-SSH services are not using port 22. Confirm that any actual SSH servers have been vetted.',
    byDefault: true,
    findings: ofContainers((container, name) =>
      listAt(container, 'ports').some(
        (port) => port['containerPort'] === 22 && ['', 'TCP'].includes(stringAt(port, 'protocol')),
      )
        ? `port 22 and protocol TCP in container "${name}" found`
        : undefined,
    ),
  },
  {
    name: 'unset-cpu-requirements',
    description: 'Indicates when containers do not have CPU requests and limits set.',
    remediation: `Set CPU requests and limits for your container based on its requirements. Refer to ${REQUESTS} for details.`,
    byDefault: true,
    findings: resources('cpu'),
  },
  {
    name: 'unset-memory-requirements',
    description: 'Indicates when containers do not have memory requests and limits set.',
    remediation: `Set memory requests and limits for your container based on its requirements. Refer to ${REQUESTS} for details.`,
    byDefault: true,
    findings: resources('memory'),
  },
];
