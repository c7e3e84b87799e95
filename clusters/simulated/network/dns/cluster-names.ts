import type { Endpoint, EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { type Answer, CODE, type DnsRecord, type Question, TYPE } from './message.ts';

/** What the names of a cluster are made of. */
export interface ClusterObjects {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  services(): readonly Service[];
  hasNamespace(name: string): boolean;
}

/** For programs that are in no cluster. */
export const NO_CLUSTER: ClusterObjects = {
  service: () => undefined,
  slices: () => [],
  services: () => [],
  hasNamespace: () => false,
};

const ZONE = 'cluster.local';
const none = (code: number): Answer => ({ code, records: [] });

/** Aliases that lead on to further aliases, at most (CoreDNS plugin/pkg/upstream). */
const MAX_ALIASES = 8;

/**
 * What a cluster's DNS answers (kubernetes/dns docs/specification.md; CoreDNS' plugin kubernetes with `pods insecure`). Names outside
 * the cluster fail as on a node without a resolver.
 */
export function answerOf(
  { name, type }: Pick<Question, 'name' | 'type'>,
  objects: ClusterObjects,
  aliases = 0,
): Answer {
  if (type === TYPE.PTR && name.endsWith('.in-addr.arpa')) return reverse(name, objects);
  if (name !== ZONE && !name.endsWith(`.${ZONE}`)) return none(CODE.failure);
  const found = whatIs(name.slice(0, -ZONE.length - 1).split('.'), objects);
  if (found === undefined) return none(CODE.noSuchName);
  if ('alias' in found) {
    const alias: DnsRecord = { type: 'CNAME', target: found.alias };
    const further = aliases < MAX_ALIASES ? answerOf({ name: found.alias, type }, objects, aliases + 1).records : [];
    return { code: CODE.ok, records: [alias, ...further.map((record) => ({ owner: found.alias, ...record }))] };
  }
  if (type === TYPE.SRV) return { code: CODE.ok, ...servers(found) };
  const addresses = type === TYPE.A || type === TYPE.ANY ? found.hosts.map(({ address }) => address) : [];
  return { code: CODE.ok, records: addresses.map((address) => ({ type: 'A', address })) };
}

type Found =
  | { readonly alias: string }
  | {
      /** Empty where a name has no address. */
      readonly hosts: readonly Host[];
      readonly ports: readonly number[];
    };

interface Host {
  readonly name: string;
  readonly address: string;
}

/** Undefined when there is no such name. */
function whatIs(labels: readonly string[], objects: ClusterObjects): Found | undefined {
  const kind = labels.at(-1);
  const namespace = labels.at(-2) ?? '';
  const name = labels.at(-3);
  if (kind === 'pod' && labels.length === 3) {
    const address = (name ?? '').replaceAll('-', '.');
    const isOne = /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && objects.hasNamespace(namespace);
    return isOne ? { hosts: [{ name: '', address }], ports: [] } : undefined;
  }
  if (kind !== 'svc') return undefined;
  if (name === undefined)
    return labels.length === 1 || objects.hasNamespace(namespace) ? { hosts: [], ports: [] } : undefined;
  const service = objects.service(namespace, name);
  if (service === undefined) return undefined;
  if (service.spec.type === 'ExternalName')
    return labels.length === 3 ? { alias: (service.spec.externalName ?? '').toLowerCase() } : undefined;
  return ofService(service, labels, objects.slices(namespace, name));
}

/** `name`, `_port._protocol.name` or, of a headless Service, `host.name`, each with the Service's own domain after it. */
function ofService(service: Service, labels: readonly string[], slices: readonly EndpointSlice[]): Found | undefined {
  const { clusterIP = '', publishNotReadyAddresses, ports: declared = [] } = service.spec;
  const isHeadless = clusterIP === '' || clusterIP === 'None';
  const domain = `${service.metadata.name}.${service.metadata.namespace}.svc.${ZONE}`;
  const hosts = isHeadless
    ? slices
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false || publishNotReadyAddresses === true)
        .flatMap((endpoint) =>
          endpoint.addresses.map((address) => ({ name: `${hostOf(endpoint)}.${domain}`, address })),
        )
    : [{ name: domain, address: clusterIP }];
  const portOf = ({
    name: asked = '',
    protocol: its = 'TCP',
    port,
  }: {
    name?: string;
    protocol?: string;
    port?: number;
  }) => ({ name: asked, protocol: its.toLowerCase(), port: port ?? 0 });
  const ports = (isHeadless ? slices.flatMap(({ ports: its }) => its ?? []) : declared).map(portOf);
  const [first = '', second = ''] = labels;
  switch (labels.length) {
    case 3:
      return hosts.length === 0 ? undefined : { hosts, ports: ports.map(({ port }) => port) };
    case 4: {
      const its = hosts.filter(({ name }) => name === `${first}.${domain}`);
      return its.length === 0 || !isHeadless ? undefined : { hosts: its, ports: ports.map(({ port }) => port) };
    }
    case 5: {
      const its = ports.filter(({ name, protocol }) => `_${name}` === first && `_${protocol}` === second);
      return its.length === 0 || hosts.length === 0 ? undefined : { hosts, ports: its.map(({ port }) => port) };
    }
    default:
      return undefined;
  }
}

const hostOf = ({ hostname, addresses }: Endpoint): string => hostname ?? (addresses[0] ?? '').replaceAll('.', '-');

/** A record for each port of each host, of even weights. */
function servers({ hosts, ports }: Extract<Found, { hosts: unknown }>): Omit<Answer, 'code'> {
  const named = hosts.filter(({ name }) => name !== '');
  const weight = Math.floor(100 / Math.max(1, named.length * ports.length));
  return {
    records: named.flatMap(({ name: target }) => ports.map((port) => ({ type: 'SRV', weight, port, target }) as const)),
    additional: named.map(({ name: owner, address }) => ({ type: 'A', owner, address })),
  };
}

function reverse(name: string, objects: ClusterObjects): Answer {
  const address = name
    .replace(/\.in-addr\.arpa$/, '')
    .split('.')
    .reverse()
    .join('.');
  const domain = ({ metadata }: Service): string => `${metadata.name}.${metadata.namespace}.svc.${ZONE}`;
  const service = objects.services().find(({ spec }) => spec.clusterIP === address);
  if (service !== undefined) return { code: CODE.ok, records: [{ type: 'PTR', target: domain(service) }] };
  const targets = objects
    .services()
    .filter(({ spec }) => spec.clusterIP === 'None')
    .flatMap((headless) =>
      objects
        .slices(headless.metadata.namespace ?? '', headless.metadata.name)
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ addresses }) => addresses.includes(address))
        .map((endpoint) => `${hostOf(endpoint)}.${domain(headless)}`),
    );
  if (targets.length === 0) return none(CODE.noSuchName);
  return { code: CODE.ok, records: targets.map((target) => ({ type: 'PTR', target })) };
}
