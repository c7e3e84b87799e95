import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { DialResult } from '../../../cluster.ts';
import type { NodePort, NodePorts } from '../../daemons/node-ports/node-ports.ts';
import type { EndpointSlice, Pod, Service, ServicePort } from '../../kubernetes/model/generated/objects.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import { type Backend, backendsOf } from '../../network/services/backends.ts';

export interface NodePortsRequest {
  readonly cluster: Cluster;
  /** The node whose kube-proxy it is. */
  readonly node: string;
  readonly randomness: Randomness;
  /** Resolves when whatever listens in a pod can be reached at its address. */
  readonly placed: (pod: Pod) => Promise<void>;
  /** Connects from the node's network. */
  readonly dial: (address: string, port: number, signal: AbortSignal) => Promise<DialResult>;
  readonly log: (line: string) => void;
}

/** A pod that does not answer is given up after so long. */
const DIAL_MS = 10_000;

/** Keeps the listeners of a node as the Services and their endpoints change. */
export function followNodePorts(nodePorts: NodePorts, request: NodePortsRequest): Disposable {
  const { cluster, log } = request;
  const set = (): void => {
    nodePorts.set(nodePortsOf(request)).catch((error: unknown) => log(`node ports: ${String(error)}`));
  };
  set();
  const watched = [cluster.resource('services'), cluster.resource('endpointslices', 'discovery.k8s.io')];
  const watches = new DisposableStack();
  for (const resource of watched) watches.use(cluster.watch(resource, set));
  return watches;
}

/**
 * What a node's kube-proxy listens on: each NodePort of TCP, and who answers there at the moment of a connection. Backends see the
 * node's address instead of the caller's, as with upstream's masquerading; with `externalTrafficPolicy: Local`, where upstream keeps
 * the caller's, too.
 */
function nodePortsOf(request: NodePortsRequest): readonly NodePort[] {
  const services = request.cluster.list(request.cluster.resource('services')) as readonly Service[];
  return services.flatMap((service) =>
    (service.spec.ports ?? []).flatMap((port) =>
      // Where nobody answers nothing listens, so that a caller is refused.
      port.nodePort === undefined || port.protocol !== 'TCP' || backendsBehind(request, service, port).length === 0
        ? []
        : [{ port: port.nodePort, accept: (socket: Socket) => void connect(request, service, port, socket) }],
    ),
  );
}

async function connect(request: NodePortsRequest, service: Service, port: ServicePort, socket: Socket): Promise<void> {
  const { cluster, placed, dial } = request;
  socket.on('error', () => socket.destroy());
  const caller = socket.remoteAddress ?? '';
  const backend = chosen(backendsBehind(request, service, port), service, caller, request.randomness);
  if (backend === undefined) return void socket.resetAndDestroy();
  const pods = cluster.list(cluster.resource('pods')) as readonly Pod[];
  const pod = pods.find(({ spec, status }) => status.podIP === backend.address && spec.hostNetwork !== true);
  try {
    if (pod !== undefined) await placed(pod);
    const reached = await dial(backend.address, backend.port, AbortSignal.timeout(DIAL_MS));
    if (reached.outcome !== 'open') return void socket.resetAndDestroy();
    const target = reached.socket;
    target.on('error', () => socket.destroy());
    socket.once('close', () => target.destroy());
    socket.pipe(target).pipe(socket);
  } catch {
    socket.resetAndDestroy(); // the lab ends
  }
}

/** Where a port of a Service leads from outside the cluster by way of that node. */
function backendsBehind(
  { cluster, node }: Pick<NodePortsRequest, 'cluster' | 'node'>,
  { metadata, spec }: Service,
  port: ServicePort,
): readonly Backend[] {
  const slices = cluster.list(
    cluster.resource('endpointslices', 'discovery.k8s.io'),
    metadata.namespace ?? '',
  ) as readonly EndpointSlice[];
  const its = slices.filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name);
  return backendsOf(its, port, spec.externalTrafficPolicy === 'Local' ? node : undefined);
}

/** By lot, or with session affinity the same one for a caller as long as there are the same ones. */
function chosen(
  backends: readonly Backend[],
  { spec }: Service,
  caller: string,
  randomness: Randomness,
): Backend | undefined {
  if (backends.length === 0) return undefined;
  if (spec.sessionAffinity !== 'ClientIP') return backends[randomness.int(backends.length)];
  return backends[createHash('sha256').update(caller).digest().readUInt32BE() % backends.length];
}
