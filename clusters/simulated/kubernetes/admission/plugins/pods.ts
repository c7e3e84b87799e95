import type { KubeObject } from '../../object.ts';
import { forbid, isPodRequest } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}
interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
}
interface Spec {
  tolerations?: Toleration[];
  priorityClassName?: string;
  priority?: number;
  preemptionPolicy?: string;
  runtimeClassName?: string;
  overhead?: Record<string, string>;
  nodeSelector?: Record<string, string>;
  containers?: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  volumes?: { image?: { pullPolicy?: string } }[];
}

const creates = (request: AdmissionRequest): boolean =>
  isPodRequest(request) && request.operation === 'CREATE' && request.subresource === '' && request.object !== undefined;
const specOf = (object: KubeObject | undefined): Spec => object?.['spec'] ?? {};

/** plugin/pkg/admission/defaulttolerationseconds/admission.go; seconds of `--default-{not-ready,unreachable}-toleration-seconds`. */
export const defaultTolerationSeconds = (seconds: { notReady: number; unreachable: number }): AdmissionPlugin => ({
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    if (!isPodRequest(request) || request.subresource !== '' || request.object === undefined) return;
    if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
    const spec = specOf(request.object);
    const wanted = [
      { key: 'node.kubernetes.io/not-ready', tolerationSeconds: seconds.notReady },
      { key: 'node.kubernetes.io/unreachable', tolerationSeconds: seconds.unreachable },
    ];
    for (const { key, tolerationSeconds } of wanted) {
      const has = (spec.tolerations ?? []).some(
        (toleration) =>
          ((toleration.key ?? '') === key || (toleration.key ?? '') === '') &&
          ((toleration.effect ?? '') === 'NoExecute' || (toleration.effect ?? '') === ''),
      );
      if (has) continue;
      spec.tolerations = [
        ...(spec.tolerations ?? []),
        { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
      ];
    }
  },
});

/** plugin/pkg/admission/alwayspullimages/admission.go */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  mutate(request) {
    if (!changesImages(request)) return;
    const spec = specOf(request.object);
    for (const container of containersOf(spec)) container.imagePullPolicy = 'Always';
    for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = 'Always';
  },
  /** Somebody later in the chain may have set it back. */
  validate(request) {
    if (!changesImages(request)) return;
    const spec = specOf(request.object);
    for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
      const at = (spec[list] ?? []).findIndex(({ imagePullPolicy }) => imagePullPolicy !== 'Always');
      if (at < 0) continue;
      const given = JSON.stringify(spec[list]?.[at]?.imagePullPolicy ?? '');
      const field = `spec.${list}[${at}].imagePullPolicy`;
      throw forbid(request, `${field}: Unsupported value: ${given}: supported values: "Always"`);
    }
  },
};

const containersOf = (spec: Spec): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

function changesImages(request: AdmissionRequest): boolean {
  if (!isPodRequest(request) || request.object === undefined) return false;
  if (request.subresource !== '' && request.subresource !== 'ephemeralcontainers') return false;
  if (request.operation === 'CREATE') return true;
  const before = new Set(containersOf(specOf(request.oldObject)).map(({ image }) => image));
  return request.operation === 'UPDATE' && containersOf(specOf(request.object)).some(({ image }) => !before.has(image));
}

const SYSTEM_PRIORITY: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Whoever replaces a pod by its manifest leaves out what the plugin had set; validation forbids other changes of it. */
function keepPriority(request: AdmissionRequest): void {
  if (!isPodRequest(request) || request.operation !== 'UPDATE' || request.subresource !== '') return;
  const spec = specOf(request.object);
  const { priority, preemptionPolicy } = specOf(request.oldObject);
  if (spec.priority == null && priority != null) spec.priority = priority;
  if (spec.preemptionPolicy == null && preemptionPolicy != null) spec.preemptionPolicy = preemptionPolicy;
}

/** plugin/pkg/admission/priority/admission.go */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request, cluster) {
    keepPriority(request);
    if (!creates(request)) return;
    const spec = specOf(request.object);
    const classes = cluster.resource('priorityclasses', 'scheduling.k8s.io');
    let name = spec.priorityClassName ?? '';
    let value = 0;
    let policy = 'PreemptLowerPriority';
    if (name === '') {
      const fallback = cluster.list(classes).find((candidate) => candidate['globalDefault'] === true);
      if (fallback !== undefined) {
        name = fallback.metadata.name;
        value = Number(fallback['value'] ?? 0);
        policy = (fallback['preemptionPolicy'] as string | undefined) ?? policy;
      }
    } else {
      const found = cluster.get(classes, '', name);
      if (found === undefined && SYSTEM_PRIORITY[name] === undefined) {
        throw forbid(request, `no PriorityClass with name ${name} was found`);
      }
      value = Number(found?.['value'] ?? SYSTEM_PRIORITY[name] ?? 0);
      policy = (found?.['preemptionPolicy'] as string | undefined) ?? policy;
    }
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value) {
      throw forbid(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw forbid(
        request,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    }
    if (name !== '') spec.priorityClassName = name;
    spec.priority = value;
    spec.preemptionPolicy = policy;
  },
  validate(request, cluster) {
    const { resource, operation, object } = request;
    if (resource.group !== 'scheduling.k8s.io' || resource.plural !== 'priorityclasses' || object === undefined) return;
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || object['globalDefault'] !== true) return;
    const other = cluster
      .list(resource)
      .find((candidate) => candidate['globalDefault'] === true && candidate.metadata.name !== object.metadata.name);
    if (other !== undefined) {
      throw forbid(
        request,
        `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
      );
    }
  },
};

/** plugin/pkg/admission/runtimeclass/admission.go */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(request, cluster) {
    if (!creates(request)) return;
    const spec = specOf(request.object);
    const found = runtimeClassOf(request, cluster, spec.runtimeClassName);
    if (found === undefined) return;
    const overhead = (found['overhead'] as { podFixed?: Record<string, string> } | undefined)?.podFixed;
    if (overhead !== undefined) spec.overhead = structuredClone(overhead);
    const scheduling = found['scheduling'] as
      | { nodeSelector?: Record<string, string>; tolerations?: Toleration[] }
      | undefined;
    for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
      if (spec.nodeSelector?.[key] !== undefined && spec.nodeSelector[key] !== value) {
        throw forbid(
          request,
          `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${spec.nodeSelector[key]}`,
        );
      }
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
    }
    const extra = (scheduling?.tolerations ?? []).filter(
      (toleration) => !(spec.tolerations ?? []).some((own) => JSON.stringify(own) === JSON.stringify(toleration)),
    );
    if (extra.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...structuredClone(extra)];
  },
  validate(request, cluster) {
    if (!creates(request)) return;
    const spec = specOf(request.object);
    const found = runtimeClassOf(request, cluster, spec.runtimeClassName);
    const fixed = (found?.['overhead'] as { podFixed?: unknown } | undefined)?.podFixed;
    if (fixed === undefined && Object.keys(spec.overhead ?? {}).length > 0) {
      throw forbid(
        request,
        spec.runtimeClassName === undefined
          ? 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
          : "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
      );
    }
  },
};

function runtimeClassOf(
  request: AdmissionRequest,
  cluster: Parameters<NonNullable<AdmissionPlugin['mutate']>>[1],
  name: string | undefined,
): KubeObject | undefined {
  if (name === undefined || name === null) return undefined;
  const found = cluster.get(cluster.resource('runtimeclasses', 'node.k8s.io'), '', name);
  if (found !== undefined) return found;
  throw forbid(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
}

/** plugin/pkg/admission/deny: for labs that switch everything off. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  validate(request): never {
    throw forbid(request, 'admission control is denying all modifications');
  },
};

/** plugin/pkg/admission/admit */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit' };
