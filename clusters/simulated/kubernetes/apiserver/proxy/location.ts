import type { KubeObject } from '../../object.ts';
import type { Endpoints, Node, Pod, Service } from '../../model/generated/objects.ts';
import { ApiError, badRequest, notFound } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';

/** Where a proxied request goes. */
export interface Location {
  readonly secure: boolean;
  /** `10.244.1.5:80`, for the Host header and errors. */
  readonly host: string;
  readonly port: number;
  readonly to: { readonly pod: KubeObject } | { readonly machine: string; readonly isKubelet: boolean };
}

interface Named {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

const KUBELET_PORT = 10_250;

/** `web`, `web:80`, `https:web:443` (apimachinery/pkg/util/net SplitSchemeNamePort). */
export function splitName(id: string): Named | undefined {
  const parts = id.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1] ?? ''];
  const isFit = parts.length <= 3 && name !== '' && (parts.length < 3 || scheme === 'http' || scheme === 'https');
  return isFit ? { scheme: scheme ?? '', name: name ?? '', port: port ?? '' } : undefined;
}

export interface ProxyTarget {
  readonly plural: string;
  readonly namespace: string;
  /** As in the URL, with scheme and port. */
  readonly id: string;
}

/** Finds out where to (ResourceLocation of pod/strategy.go, service/storage/storage.go, node/strategy.go). Throws `ApiError`. */
export function locate({ plural, namespace, id }: ProxyTarget, cluster: Cluster): Location {
  const named = splitName(id);
  const resource = cluster.resource(plural);
  if (!named) throw badRequest(`invalid ${resource.singular} request ${JSON.stringify(id)}`);
  const object = cluster.get(resource, namespace, named.name);
  if (!object) throw notFound(resource, named.name);
  if (plural === 'services') return ofService(object as Service, named, cluster);
  return plural === 'pods' ? ofPod(object as Pod, named) : ofNode(object as Node, named);
}

function ofPod(pod: Pod, { scheme, port }: Named): Location {
  const address = pod.status?.podIP ?? '';
  if (address === '') throw badRequest('address not allowed');
  const first = pod.spec.containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort;
  return toPod(pod, address, port === '' ? first : portNumber(port), scheme);
}

const toPod = (pod: KubeObject, address: string, port: number | undefined, scheme: string): Location => ({
  secure: scheme === 'https',
  host: port === undefined ? address : `${address}:${port}`,
  port: port ?? (scheme === 'https' ? 443 : 80),
  to: { pod },
});

function portNumber(port: string): number {
  if (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536) return Number(port);
  throw unreachable(`dial tcp: lookup tcp/${port}: unknown port`);
}

function ofService(service: Service, { scheme, name, port }: Named, cluster: Cluster): Location {
  const unavailable = (why: string): ApiError => new ApiError(503, 'ServiceUnavailable', why, {});
  let wanted = port;
  if (/^\d+$/.test(port)) {
    const declared = service.spec?.ports?.find((one) => one.port === Number(port));
    if (!declared) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    wanted = declared.name ?? '';
  }
  const { namespace = '' } = service.metadata;
  const endpoints = cluster.get(cluster.resource('endpoints'), namespace, name);
  if (!endpoints) throw notFound(cluster.resource('endpoints'), name);
  for (const { addresses = [], ports = [] } of (endpoints as Endpoints).subsets ?? []) {
    const open = ports.find((one) => (one.name ?? '') === wanted);
    if (!open) continue;
    for (const { ip, targetRef } of addresses) {
      // Only pods, and only at their own address: endpoints that somebody wrote lead nowhere.
      if (targetRef?.kind !== 'Pod') continue;
      const pod = cluster.get(cluster.resource('pods'), targetRef.namespace ?? namespace, targetRef.name ?? '') as
        | Pod
        | undefined;
      if (pod?.status?.podIP === ip) return toPod(pod, ip, open.port, scheme);
    }
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
}

/** Where a node's kubelet is asked (pkg/util/node GetPreferredNodeAddress); 500 without a reason when the node tells no such address. */
export function nodeAddress({ status }: Node): string {
  const known = status?.addresses ?? [];
  const preferred = known.find(({ type }) => type === 'InternalIP');
  if (preferred) return preferred.address;
  const listed = known.map(({ type, address }) => `{${type} ${address}}`).join(' ');
  throw new ApiError(500, '', `no preferred addresses found; known addresses: [${listed}]`);
}

function ofNode(node: Node, { scheme, port }: Named): Location {
  const address = nodeAddress(node);
  const kubelet = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT;
  const isKubelet = port === '' || Number(port) === kubelet;
  const at = isKubelet ? kubelet : portNumber(port);
  return {
    secure: isKubelet || scheme === 'https',
    host: `${address}:${at}`,
    port: at,
    to: { machine: address, isKubelet },
  };
}

/** What the proxy says of a backend that it could not talk to (apimachinery/pkg/util/proxy/transport.go). */
export const unreachable = (why: string): ApiError =>
  new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`, {});
