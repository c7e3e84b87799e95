import type { Pod, Service, ServicePort } from '../../model/generated/objects.ts';
import { isReady } from '../pods.ts';

export interface BackendPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** Pods whose ports resolve alike. */
export interface Backends {
  readonly ports: readonly BackendPort[];
  readonly pods: readonly Pod[];
}

export const selects = ({ spec }: Service, labels: Readonly<Record<string, string>> | undefined): boolean =>
  spec.selector !== undefined &&
  Object.keys(spec.selector).length > 0 &&
  Object.entries(spec.selector).every(([key, value]) => labels?.[key] === value);

/** Whether a pod can be behind a Service: it has an address and has not ended (endpointslice/util ShouldPodBeInEndpoints). */
export const hasAddress = ({ status }: Pod): boolean =>
  (status?.podIP ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** The number behind a Service's port on that pod; a name is looked up in its containers (podutil.FindPort). */
function targetOf({ targetPort, port, protocol }: ServicePort, pod: Pod | undefined): number | undefined {
  if (typeof targetPort !== 'string') return targetPort ?? port;
  const sidecars = (pod?.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(pod?.spec.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === (protocol ?? 'TCP'))
    ?.containerPort;
}

/** A Service's ports as that pod serves them; one that the pod does not name is left out. */
export const portsOf = ({ spec }: Service, pod: Pod | undefined): BackendPort[] =>
  (spec.ports ?? []).flatMap((port) => {
    const target = targetOf(port, pod);
    if (target === undefined) return [];
    const { name, appProtocol, protocol = 'TCP' } = port;
    return [
      {
        ...(name === undefined ? {} : { name }),
        port: target,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ];
  });

/** Groups pods by what their ports resolve to. */
export function byPorts(service: Service, pods: readonly Pod[]): readonly Backends[] {
  const groups = new Map<string, { ports: readonly BackendPort[]; pods: Pod[] }>();
  for (const pod of pods) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    group.pods.push(pod);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What is told of a pod's readiness; a Service that publishes unready addresses counts all as ready (endpointslice/utils.go podToEndpoint). */
export function conditionsOf(service: Service, pod: Pod): { ready: boolean; serving: boolean; terminating: boolean } {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  return { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating };
}

export const targetRef = ({ metadata }: Pod): object => ({
  kind: 'Pod',
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
});

/** The name that a pod of a headless Service is found by, where it has asked for one (ShouldSetHostname). */
export const hostnameOf = ({ metadata }: Service, { spec }: Pod): { hostname?: string } =>
  spec.hostname !== undefined && spec.hostname !== '' && spec.subdomain === metadata.name
    ? { hostname: spec.hostname }
    : {};

export const HEADLESS = 'service.kubernetes.io/headless';

export const headlessLabel = ({ spec }: Service): Readonly<Record<string, string>> =>
  spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
