import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { POD_CIDR } from '../../kubernetes/bootstrap/cluster-plan.ts';
import type { EndpointSlice, Service, ServicePort } from '../../kubernetes/model/generated/objects.ts';
import { type Backend, backendsOf } from './backends.ts';
import { type ChainNames, chainNames } from './chain-names.ts';

/** Rules about one port of a Service, with the chains of `nat` that are its own. */
export interface PortRules {
  readonly filter: readonly string[];
  readonly nat: readonly string[];
  readonly chains: readonly string[];
}

/** How somebody gets to a port of a Service. */
interface Way {
  readonly chain: 'KUBE-SERVICES' | 'KUBE-NODEPORTS';
  /** Where it goes from there. */
  readonly target: string;
  readonly comment: string;
  /** The packets, with a comment upon them. */
  readonly match: (comment: string) => string;
  /** Whether the chain above leads on. */
  readonly isOpen: boolean;
  /** In `filter`, the chain of those who find nobody, and whom they ask for. */
  readonly lost: { readonly chain: 'KUBE-SERVICES' | 'KUBE-EXTERNAL-SERVICES'; readonly backends: readonly Backend[] };
}

const PROTOCOLS: Readonly<Record<string, string>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };
const NOTHING: PortRules = { filter: [], nat: [], chains: [] };

/** A rule's comment. */
export const said = (what: string): string => `-m comment --comment "${what}"`;

export const isProxied = ({ spec }: Service): boolean => spec.type !== 'ExternalName' && isIPv4(spec.clusterIP ?? '');

/**
 * What one node's iptables say of a port of a Service, by pkg/proxy/iptables/proxier.go syncProxyRules. One thing differs: who asks over
 * TCP for a Service without endpoints is refused by a reset. The word of ICMP that upstream sends is missed the first time by a connect()
 * of the same kernel, which is still at work on its packet.
 */
export function portRules(
  { metadata, spec, status }: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
  node: string,
): PortRules {
  const protocol = PROTOCOLS[port.protocol ?? 'TCP'];
  if (protocol === undefined || !isPort(port.port)) return NOTHING;
  const name = wordOf(`${metadata.namespace}/${metadata.name}${port.name ? `:${port.name}` : ''}`);
  const its = chainNames(name, protocol);
  const everywhere = backendsOf(slices, port).filter(isReachable);
  const here = backendsOf(slices, port, node).filter(isReachable);
  const staysInside = spec.internalTrafficPolicy === 'Local';
  const staysOutside = spec.externalTrafficPolicy === 'Local';
  const inner = staysInside ? its.local : its.cluster;
  const { balancers, ranges } = balancersOf(spec, status);

  const at = (address: string) => (comment: string) =>
    `-d ${address}/32 -p ${protocol} ${said(comment)} -m ${protocol} --dport ${port.port}`;
  const clusterIP: Way = {
    chain: 'KUBE-SERVICES',
    target: inner,
    comment: `${name} cluster IP`,
    match: at(spec.clusterIP ?? ''),
    isOpen: (staysInside ? here : everywhere).length > 0,
    lost: { chain: 'KUBE-SERVICES', backends: staysInside ? here : everywhere },
  };
  const external = {
    chain: 'KUBE-SERVICES',
    target: its.external,
    isOpen: everywhere.length > 0,
    lost: { chain: 'KUBE-EXTERNAL-SERVICES', backends: staysOutside ? here : everywhere },
  } as const;
  const outer: readonly Way[] = [
    ...(spec.externalIPs ?? [])
      .filter((address) => isIPv4(address))
      .map((address): Way => ({ ...external, comment: `${name} external IP`, match: at(address) })),
    ...balancers.map((address): Way => {
      const target = ranges === undefined ? its.external : its.firewall;
      return { ...external, target, comment: `${name} loadbalancer IP`, match: at(address) };
    }),
    ...(isPort(port.nodePort ?? 0) ? [nodePortWay(name, protocol, port.nodePort ?? 0, external)] : []),
  ];
  const ways = [clusterIP, ...outer];

  const isEntered = outer.some(({ isOpen }) => isOpen);
  const isFiltered = ranges !== undefined && balancers.length > 0 && isEntered;
  const seconds = affinityOf(spec);
  const toAll = !staysInside || outer.length > 0 ? everywhere : [];
  const toNear = staysInside || (staysOutside && outer.length > 0) ? here : [];
  const endpoints = new Map([...toAll, ...toNear].map((backend) => [textOf(backend), backend]));
  return {
    filter: [
      ...ways
        .filter(({ lost }) => lost.backends.length === 0)
        .map((way) => lostRule(way, name, everywhere.length > 0, protocol)),
      ...(isFiltered
        ? balancers.map(
            (address) =>
              `-A KUBE-PROXY-FIREWALL ${at(address)(`${name} traffic not accepted by ${its.firewall}`)} -j DROP`,
          )
        : []),
    ],
    nat: [
      ...ways
        .filter(({ isOpen }) => isOpen)
        .map(({ chain, match, comment, target }) => `-A ${chain} ${match(comment)} -j ${target}`),
      ...(isEntered ? externalRules(name, its, staysOutside, here.length > 0) : []),
      ...(isFiltered
        ? (ranges ?? []).map(
            (range) => `-A ${its.firewall} -s ${range} ${said(`${name} loadbalancer IP`)} -j ${its.external}`,
          )
        : []),
      ...(clusterIP.isOpen
        ? [`-A ${inner} ! -s ${POD_CIDR} ${clusterIP.match(clusterIP.comment)} -j KUBE-MARK-MASQ`]
        : []),
      ...lotRules(its.cluster, toAll, { name, its, seconds }),
      ...lotRules(its.local, toNear, { name, its, seconds }),
      ...[...endpoints].flatMap(([text, { address }]) =>
        endpointRules(its.endpoint(text), { name, protocol, address, text, seconds }),
      ),
    ],
    chains: [
      ...(isEntered ? [its.external] : []),
      ...(isFiltered ? [its.firewall] : []),
      ...(toAll.length > 0 ? [its.cluster] : []),
      ...(toNear.length > 0 ? [its.local] : []),
      ...[...endpoints.keys()].map((text) => its.endpoint(text)),
    ],
  };
}

function nodePortWay(
  name: string,
  protocol: string,
  nodePort: number,
  external: Pick<Way, 'isOpen' | 'lost' | 'target'>,
): Way {
  const match = (comment: string): string => `-p ${protocol} ${said(comment)} -m ${protocol} --dport ${nodePort}`;
  return { ...external, chain: 'KUBE-NODEPORTS', comment: name, match };
}

/** Who finds nobody on this node, though there is somebody elsewhere, is not answered. */
function lostRule({ lost, match, chain }: Way, name: string, isElsewhere: boolean, protocol: string): string {
  const comment = `${name} has no ${isElsewhere ? 'local ' : ''}endpoints`;
  const own = chain === 'KUBE-NODEPORTS' ? ' -m addrtype --dst-type LOCAL' : '';
  const reject = protocol === 'tcp' ? 'REJECT --reject-with tcp-reset' : 'REJECT';
  return `-A ${lost.chain} ${match(comment)}${own} -j ${isElsewhere ? 'DROP' : reject}`;
}

function externalRules(name: string, its: ChainNames, stays: boolean, isHere: boolean): readonly string[] {
  const whom = `${name} external destinations`;
  if (!stays)
    return [
      `-A ${its.external} ${said(`masquerade traffic for ${whom}`)} -j KUBE-MARK-MASQ`,
      `-A ${its.external} -j ${its.cluster}`,
    ];
  const own = '-m addrtype --src-type LOCAL';
  return [
    `-A ${its.external} -s ${POD_CIDR} ${said(`pod traffic for ${whom}`)} -j ${its.cluster}`,
    `-A ${its.external} ${said(`masquerade LOCAL traffic for ${whom}`)} ${own} -j KUBE-MARK-MASQ`,
    `-A ${its.external} ${said(`route LOCAL traffic for ${whom}`)} ${own} -j ${its.cluster}`,
    ...(isHere ? [`-A ${its.external} -j ${its.local}`] : []),
  ];
}

/** Who was here lately goes where it went; else lots are drawn so that each endpoint is as likely. */
function lotRules(
  chain: string,
  backends: readonly Backend[],
  { name, its, seconds }: { readonly name: string; readonly its: ChainNames; readonly seconds: number | undefined },
): readonly string[] {
  const endpoints = backends.map((backend) => ({
    rule: `-A ${chain} ${said(`${name} -> ${textOf(backend)}`)}`,
    target: its.endpoint(textOf(backend)),
  }));
  const lately = endpoints.map(
    ({ rule, target }) => `${rule} -m recent --name ${target} --rcheck --seconds ${seconds} --reap -j ${target}`,
  );
  const any = endpoints.map(({ rule, target }, i) => {
    const left = endpoints.length - i;
    const lot = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
    return `${rule}${lot} -j ${target}`;
  });
  return [...(seconds === undefined ? [] : lately), ...any];
}

function endpointRules(
  chain: string,
  of: { name: string; protocol: string; address: string; text: string; seconds: number | undefined },
): readonly string[] {
  const recent = of.seconds === undefined ? '' : `-m recent --name ${chain} --set `;
  return [
    // A pod would not believe a packet from its own address.
    `-A ${chain} -s ${of.address}/32 ${said(of.name)} -j KUBE-MARK-MASQ`,
    `-A ${chain} -p ${of.protocol} ${said(of.name)} ${recent}-m ${of.protocol} -j DNAT --to-destination ${of.text}`,
  ];
}

/** Three hours, as upstream fills in. */
const AFFINITY_SECONDS = 10_800;

function affinityOf({ sessionAffinity, sessionAffinityConfig }: Service['spec']): number | undefined {
  if (sessionAffinity !== 'ClientIP') return undefined;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  return Number.isInteger(seconds) && seconds > 0 ? seconds : AFFINITY_SECONDS;
}

/** Addresses of load balancers in front, and who may come by them; `ranges` is undefined where everybody may. */
function balancersOf(
  { type, loadBalancerSourceRanges = [] }: Service['spec'],
  status: Service['status'] | undefined,
): { readonly balancers: readonly string[]; readonly ranges: readonly string[] | undefined } {
  if (type !== 'LoadBalancer') return { balancers: [], ranges: undefined };
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '', ipMode = 'VIP' }) =>
    isIPv4(ip) && ipMode === 'VIP' ? [ip] : [],
  );
  const ranges = loadBalancerSourceRanges.map((one) => one.trim()).filter((one) => ipaddr.IPv4.isValidCIDR(one));
  return { balancers, ranges: loadBalancerSourceRanges.length === 0 ? undefined : ranges };
}

const textOf = ({ address, port }: Backend): string => `${address}:${port}`;
const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;
const isReachable = ({ address, port }: Backend): boolean => isIPv4(address) && isPort(port);

/** What a comment may hold, whatever whoever wrote into etcd called an object; the kernel takes 255 characters. */
const wordOf = (name: string): string => name.replaceAll(/[^\w./:-]/g, '').slice(0, 180);
