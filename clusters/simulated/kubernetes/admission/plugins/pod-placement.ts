import { z } from 'zod';
import type { Container, Pod, Toleration } from '../../model/generated/objects.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid, isPodRequest } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { isSuperset, mergeTolerations } from './tolerations.ts';

/** The pod of a request about pods themselves. */
const podOf = (request: AdmissionRequest): Pod | undefined =>
  isPodRequest(request) && request.subresource === '' ? (request.object as Pod | undefined) : undefined;

function annotation(cluster: Cluster, namespace: string, name: string): string | undefined {
  return cluster.get(cluster.resource('namespaces'), '', namespace)?.metadata.annotations?.[name];
}

/** plugin/pkg/admission/antiaffinity/admission.go */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  validate(request) {
    const terms = podOf(request)?.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const other = terms.find(({ topologyKey }) => topologyKey !== 'kubernetes.io/hostname');
    if (!other) return;
    throw forbid(
      request,
      `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key kubernetes.io/hostname is allowed`,
    );
  },
};

const NODE_SELECTOR = 'scheduler.alpha.kubernetes.io/node-selector';
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';

/** Selectors by namespace, and one for namespaces that have none: `env=production,disk=ssd`. */
export const podNodeSelectorConfig = (configuration: unknown): Readonly<Record<string, string>> =>
  z.object({ podNodeSelectorPluginConfig: z.record(z.string(), z.string()).nullish() }).parse(configuration ?? {})
    .podNodeSelectorPluginConfig ?? {};

/** plugin/pkg/admission/podnodeselector/admission.go */
export const podNodeSelector = (config: Readonly<Record<string, string>>): AdmissionPlugin => {
  const ofNamespace = (request: AdmissionRequest, cluster: Cluster): Readonly<Record<string, string>> =>
    labelsOf(annotation(cluster, request.namespace, NODE_SELECTOR) ?? config[CLUSTER_DEFAULT] ?? '');
  const refuseConflict = (request: AdmissionRequest, pod: Pod, wanted: Readonly<Record<string, string>>): void => {
    const selector = pod.spec.nodeSelector ?? {};
    if (Object.entries(wanted).some(([key, value]) => key in selector && selector[key] !== value)) {
      throw forbid(request, 'pod node label selector conflicts with its namespace node label selector');
    }
  };
  return {
    name: 'PodNodeSelector',
    mutate(request, cluster) {
      const pod = request.operation === 'CREATE' ? podOf(request) : undefined;
      if (!pod) return;
      const wanted = ofNamespace(request, cluster);
      refuseConflict(request, pod, wanted);
      if (Object.keys(wanted).length > 0) pod.spec.nodeSelector = { ...wanted, ...pod.spec.nodeSelector };
    },
    validate(request, cluster) {
      const pod = request.operation === 'CREATE' ? podOf(request) : undefined;
      if (!pod) return;
      refuseConflict(request, pod, ofNamespace(request, cluster));
      const allowed = labelsOf(config[request.namespace] ?? '');
      const selector = Object.entries(pod.spec.nodeSelector ?? {});
      if (Object.keys(allowed).length > 0 && selector.some(([key, value]) => allowed[key] !== value)) {
        throw forbid(request, 'pod node label selector labels conflict with its namespace whitelist');
      }
    },
  };
};

/** `a=b,c=d` (labels.ConvertSelectorToLabelsMap). */
function labelsOf(selector: string): Record<string, string> {
  const pairs = selector.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => pair.split('=', 2).map((part) => part.trim()) as [string, string]));
}

const DEFAULT_TOLERATIONS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const TOLERATIONS_WHITELIST = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const toleration = z.object({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
  tolerationSeconds: z.number().optional(),
});
const tolerations = z.array(toleration);

export interface PodTolerationConfig {
  readonly default: readonly Toleration[];
  readonly whitelist: readonly Toleration[];
}

export function podTolerationConfig(configuration: unknown): PodTolerationConfig {
  const shape = z.object({ default: tolerations.nullish(), whitelist: tolerations.nullish() });
  const read = shape.parse(configuration ?? {});
  return { default: (read.default ?? []) as Toleration[], whitelist: (read.whitelist ?? []) as Toleration[] };
}

/** plugin/pkg/admission/podtolerationrestriction/admission.go */
export const podTolerationRestriction = (config: PodTolerationConfig): AdmissionPlugin => {
  const check = (request: AdmissionRequest, pod: Pod, cluster: Cluster): void => {
    const own = tolerationsAt(cluster, request.namespace, TOLERATIONS_WHITELIST);
    const allowed = own ?? config.whitelist;
    if (allowed.length === 0) return;
    const isFine = (one: Toleration): boolean => allowed.some((other) => isSuperset(other, one));
    if ((pod.spec.tolerations ?? []).every(isFine)) return;
    const scope = own ? 'namespace' : 'cluster';
    const text = `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${scope} whitelist`;
    throw new ApiError(500, '', text);
  };
  return {
    name: 'PodTolerationRestriction',
    mutate(request, cluster) {
      const pod = podOf(request);
      if (!pod || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return;
      let wanted: readonly Toleration[] = pod.spec.tolerations ?? [];
      if (request.operation === 'CREATE') {
        const usual = tolerationsAt(cluster, request.namespace, DEFAULT_TOLERATIONS) ?? config.default;
        if (usual.length > 0) wanted = wanted.length > 0 ? mergeTolerations(usual, wanted) : usual;
      }
      if (!isBestEffort(pod)) {
        const pressure = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };
        wanted = mergeTolerations(wanted, [pressure]);
      }
      if (wanted.length > 0) pod.spec.tolerations = wanted.map((one) => ({ ...one }));
      check(request, pod, cluster);
    },
    validate(request, cluster) {
      const pod = podOf(request);
      if (pod && (request.operation === 'CREATE' || request.operation === 'UPDATE')) check(request, pod, cluster);
    },
  };
};

/** Undefined where the namespace says nothing of it. */
function tolerationsAt(cluster: Cluster, namespace: string, name: string): readonly Toleration[] | undefined {
  const text = annotation(cluster, namespace, name);
  if (text === undefined || text === '') return undefined;
  try {
    return tolerations.parse(JSON.parse(text)) as Toleration[];
  } catch (error) {
    throw new ApiError(500, '', (error as Error).message);
  }
}

const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.containers ?? []),
  ...(spec.initContainers ?? []),
];

const isBestEffort = (pod: Pod): boolean =>
  containersOf(pod).every(({ resources }) =>
    [resources?.requests, resources?.limits].every((amounts) => !amounts?.['cpu'] && !amounts?.['memory']),
  );

/** plugin/pkg/admission/extendedresourcetoleration/admission.go */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  mutate(request) {
    const pod = podOf(request);
    if (!pod || (request.operation !== 'CREATE' && request.operation !== 'UPDATE')) return;
    const names = containersOf(pod).flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    for (const key of [...new Set(names)].filter(isExtended).sort()) {
      const wanted: Toleration = { key, operator: 'Exists', effect: 'NoSchedule' };
      const known = pod.spec.tolerations ?? [];
      if (known.some((one) => isSuperset(one, wanted))) continue;
      pod.spec.tolerations = [...known, wanted];
    }
  },
};

/** Whatever has a domain that is not Kubernetes' own (v1helper.IsExtendedResourceName). */
const isExtended = (name: string): boolean =>
  name.includes('/') && !name.split('/', 1)[0]!.endsWith('kubernetes.io') && !name.startsWith('requests.');
