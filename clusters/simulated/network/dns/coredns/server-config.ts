import { isIPv4 } from 'node:net';
import { type Directive, type Line, CorefileError, type ServerBlock } from './corefile.ts';

/** What one server block makes of questions; zones are without their last dot, and the root's is empty. */
export interface ServerConfig {
  readonly zones: readonly string[];
  readonly port: number;
  readonly logs: boolean;
  readonly tellsErrors: boolean;
  readonly rewrites: readonly Rewrite[];
  readonly hosts: Hosts | undefined;
  readonly kubernetes:
    | { readonly zones: readonly string[]; readonly hasPods: boolean; readonly passes: Zones }
    | undefined;
  readonly forwards: readonly { readonly zone: string; readonly to: readonly string[] }[];
  readonly health: number | undefined;
  readonly ready: number | undefined;
  readonly metrics: number | undefined;
  readonly reloads: boolean;
  readonly findsLoops: boolean;
  /** Plugins that have no effect here. */
  readonly unmodelled: readonly string[];
}

/** Which names go on to the next plugin when they are not found: none, or those below. */
export type Zones = readonly string[];

export interface Rewrite {
  readonly kind: 'exact' | 'prefix' | 'suffix' | 'substring';
  readonly from: string;
  readonly to: string;
}

export interface Hosts {
  readonly zones: Zones;
  readonly entries: readonly (readonly [address: string, name: string])[];
  readonly passes: Zones;
}

/** Plugins without an effect that anybody could tell here. */
const HARMLESS = new Set(['cache', 'loadbalance', 'bufsize', 'minimal', 'debug', 'metadata', 'nsid', 'cancel', 'root']);

/** Throws `CorefileError` in the plugins' own words (coredns/coredns plugin/…/setup.go). */
export function serverConfig({ keys, directives }: ServerBlock, file: string): ServerConfig {
  const addresses = keys.map((key) => addressOf(key, file));
  const zones = addresses.map(({ zone }) => zone);
  const of = (name: string): Directive | undefined => directives.find(({ words }) => words[0] === name);
  const all = (name: string): readonly Directive[] => directives.filter(({ words }) => words[0] === name);
  const portOf = (name: string, usual: number): number | undefined => {
    const directive = of(name);
    return directive === undefined ? undefined : Number(/:(\d+)$/.exec(directive.words[1] ?? '')?.[1] ?? usual);
  };
  const modelled = [
    'log',
    'errors',
    'rewrite',
    'hosts',
    'kubernetes',
    'forward',
    'health',
    'ready',
    'prometheus',
    'reload',
    'loop',
  ];
  return {
    zones,
    port: addresses[0]?.port ?? 53,
    logs: of('log') !== undefined,
    tellsErrors: of('errors') !== undefined,
    rewrites: all('rewrite').map((directive) => rewriteOf(directive, file)),
    hosts: hostsOf(of('hosts'), zones, file),
    kubernetes: kubernetesOf(all('kubernetes'), zones, file),
    forwards: all('forward').map((directive) => forwardOf(directive, file)),
    health: portOf('health', 8080),
    ready: portOf('ready', 8181),
    metrics: portOf('prometheus', 9153),
    reloads: of('reload') !== undefined,
    findsLoops: of('loop') !== undefined,
    unmodelled: [...new Set(directives.map(({ words }) => words[0] ?? ''))].filter(
      (name) => !HARMLESS.has(name) && !modelled.includes(name),
    ),
  };
}

/** `.:53`, `example.org`, `dns://example.org:1053`. */
function addressOf(key: string, file: string): { zone: string; port: number } {
  const [, scheme = 'dns', zone = '', port] = /^(?:(\w+):\/\/)?([^:]*)(?::(\d+))?$/.exec(key) ?? [];
  if (scheme !== 'dns') throw CorefileError.at(file, 1, `not simulated: a server of ${scheme}`);
  return { zone: zoneOf(zone), port: Number(port ?? 53) };
}

const zoneOf = (text: string): string => text.toLowerCase().replace(/\.$/, '');

const isReverse = (zone: string): boolean => /(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(zone);

const wrongCount = (file: string, { number, words }: Line): CorefileError =>
  CorefileError.at(file, number, `Wrong argument count or unexpected line ending after '${words.at(-1) ?? ''}'`);

/** A plugin's complaint bears its name. */
const by = (plugin: string, error: CorefileError): CorefileError =>
  new CorefileError(`plugin/${plugin}: ${error.message}`);

const KUBERNETES = new Set([
  'endpoint_pod_names',
  'namespaces',
  'endpoint',
  'tls',
  'labels',
  'namespace_labels',
  'ttl',
  'noendpoints',
  'ignore',
  'kubeconfig',
  'multicluster',
  'startup_timeout',
  'apiserver_qps',
  'apiserver_burst',
  'apiserver_max_inflight',
]);

function kubernetesOf(all: readonly Directive[], own: Zones, file: string): ServerConfig['kubernetes'] {
  const [directive, second] = all;
  if (directive === undefined) return undefined;
  if (second !== undefined)
    throw new CorefileError('plugin/kubernetes: this plugin can only be used once per Server Block');
  const zones = directive.words.length > 1 ? directive.words.slice(1).map(zoneOf) : own;
  if (zones.every(isReverse)) throw new CorefileError('plugin/kubernetes: non-reverse zone name must be used');
  let pods = 'disabled';
  let passes: Zones = [];
  for (const line of directive.body) {
    const [property = '', ...args] = line.words;
    if (property === 'pods') {
      if (args.length !== 1) throw by('kubernetes', wrongCount(file, line));
      [pods = ''] = args;
      if (!['disabled', 'insecure', 'verified'].includes(pods))
        throw new CorefileError(
          `plugin/kubernetes: wrong value for pods: ${pods},  must be one of: disabled, verified, insecure`,
        );
    } else if (property === 'fallthrough') passes = args.length === 0 ? [''] : args.map(zoneOf);
    else if (!KUBERNETES.has(property))
      throw by('kubernetes', CorefileError.at(file, line.number, `unknown property '${property}'`));
  }
  return { zones, hasPods: pods !== 'disabled', passes };
}

function hostsOf(directive: Directive | undefined, own: Zones, file: string): Hosts | undefined {
  if (directive === undefined) return undefined;
  // The first word may be a file, of which an image without a shell has none of its own.
  const named = directive.words.slice(1).filter((word) => !word.startsWith('/'));
  const entries: (readonly [string, string])[] = [];
  let passes: Zones = [];
  for (const line of directive.body) {
    const [first = '', ...names] = line.words;
    if (first === 'fallthrough') passes = names.length === 0 ? [''] : names.map(zoneOf);
    else if (isIPv4(first)) entries.push(...names.map((name) => [first, zoneOf(name)] as const));
    else if (!/^(?:ttl|no_reverse|reload)$/.test(first) && !first.includes(':'))
      throw by('hosts', CorefileError.at(file, line.number, `unknown property '${first}'`));
  }
  return { zones: named.length > 0 ? named.map(zoneOf) : own, entries, passes };
}

function rewriteOf(directive: Directive, file: string): Rewrite {
  const words = directive.words.slice(1).filter((word) => word !== 'stop' && word !== 'continue');
  const [what = 'in a block', ...rest] = words;
  if (what !== 'name') throw CorefileError.at(file, directive.number, `not simulated: rewrite ${what}`);
  const kinds = ['exact', 'prefix', 'suffix', 'substring'] as const;
  const [first = ''] = rest;
  if (first === 'regex') throw CorefileError.at(file, directive.number, 'not simulated: rewrite name regex');
  const kind = kinds.find((one) => one === first);
  const [from, to] = kind === undefined ? rest : rest.slice(1);
  if (from === undefined || to === undefined) throw new CorefileError('plugin/rewrite: few arguments for a name rule');
  return { kind: kind ?? 'exact', from: zoneOf(from), to: zoneOf(to) };
}

function forwardOf(directive: Directive, file: string): ServerConfig['forwards'][number] {
  const [, from, ...to] = directive.words;
  if (from === undefined || to.length === 0) throw by('forward', wrongCount(file, directive));
  const odd = to.find((one) => !one.startsWith('/') && !/^(?:dns:\/\/)?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/.test(one));
  if (odd !== undefined)
    throw odd.startsWith('tls:')
      ? CorefileError.at(file, directive.number, 'not simulated: forward over TLS')
      : new CorefileError(`plugin/forward: not an IP address or file: "${odd}"`);
  return { zone: zoneOf(from), to: to.map((one) => one.replace(/^dns:\/\//, '')) };
}
