import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { type Answer, CODE, type Question, TYPE } from './message.ts';

/** What the names of a cluster are made of. */
export interface ClusterObjects {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  services(): readonly Service[];
  hasNamespace(name: string): boolean;
}

const ZONE = 'cluster.local';
const none = (code: number): Answer => ({ code, addresses: [] });

/**
 * What a cluster's DNS answers (kubernetes/dns docs/specification.md; CoreDNS' plugin kubernetes with `pods insecure`). Names outside
 * the cluster fail as on a node without a resolver; SRV is not simulated.
 */
export function answerOf({ name, type }: Pick<Question, 'name' | 'type'>, objects: ClusterObjects): Answer {
  if (type === TYPE.PTR && name.endsWith('.in-addr.arpa')) return reverse(name, objects);
  if (name !== ZONE && !name.endsWith(`.${ZONE}`)) return none(CODE.failure);
  if (type === TYPE.SRV) return none(CODE.notImplemented);
  const found = addressesOf(name.slice(0, -ZONE.length - 1).split('.'), objects);
  if (found === undefined) return none(CODE.noSuchName);
  return { code: CODE.ok, addresses: type === TYPE.A ? found : [] };
}

/** Undefined when there is no such name; empty when it has no address. */
function addressesOf(labels: readonly string[], objects: ClusterObjects): readonly string[] | undefined {
  const kind = labels.at(-1);
  const namespace = labels.at(-2) ?? '';
  const name = labels.at(-3);
  if (kind === 'pod' && labels.length === 3) {
    const address = (name ?? '').replaceAll('-', '.');
    return /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && objects.hasNamespace(namespace) ? [address] : undefined;
  }
  if (kind !== 'svc' || name === undefined) return labels.length <= 2 && kind === 'svc' ? [] : undefined;
  const service = objects.service(namespace, name);
  if (service === undefined) return undefined;
  const ready = objects
    .slices(namespace, name)
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false || service.spec.publishNotReadyAddresses === true);
  if (labels.length === 4) {
    const one = ready.filter(
      ({ hostname, addresses }) => (hostname ?? addresses[0]?.replaceAll('.', '-')) === labels[0],
    );
    return one.length === 0 ? undefined : one.flatMap(({ addresses }) => addresses);
  }
  if (labels.length !== 3) return undefined;
  const { clusterIP = '' } = service.spec;
  if (clusterIP !== '' && clusterIP !== 'None') return [clusterIP];
  return ready.length === 0 ? undefined : ready.flatMap(({ addresses }) => addresses);
}

function reverse(name: string, objects: ClusterObjects): Answer {
  const address = name
    .replace(/\.in-addr\.arpa$/, '')
    .split('.')
    .reverse()
    .join('.');
  const service = objects.services().find(({ spec }) => spec.clusterIP === address);
  if (service === undefined) return none(CODE.noSuchName);
  return { code: CODE.ok, name: `${service.metadata.name}.${service.metadata.namespace}.svc.${ZONE}` };
}
