import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import ipaddr from 'ipaddr.js';
import {
  compareQuantities,
  addQuantities,
  parseQuantity,
  quantityValue,
  subtractQuantities,
  type Quantity,
} from '../../model/quantity.ts';

/** A quantity inside an expression. */
class CelQuantity {
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}
class CelIp {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  constructor(address: ipaddr.IPv4 | ipaddr.IPv6) {
    this.address = address;
  }
}
class CelCidr {
  readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number];
  constructor(range: [ipaddr.IPv4 | ipaddr.IPv6, number]) {
    this.range = range;
  }
}
class CelUrl {
  readonly url: URL;
  constructor(url: URL) {
    this.url = url;
  }
}

const holds = (attempt: () => unknown): boolean => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};

type Comparable = string | bigint | number;
const isSorted = (list: readonly Comparable[]): boolean =>
  list.every((value, at) => at === 0 || (list[at - 1] ?? value) <= value);
const extreme =
  (name: string, better: (a: Comparable, b: Comparable) => boolean) =>
  (list: readonly Comparable[]): Comparable => {
    const [first] = list;
    if (first === undefined) throw new Error(`${name} called on empty list`);
    return list.reduce((best, value) => (better(value, best) ? value : best), first);
  };

/** Longest text a pattern is tried on: JavaScript's patterns may take exponential time where RE2's do not. */
const MAX_MATCHED = 4096;

/** A pattern with a repeated group that repeats inside (`(a+)+`) could hang the server; RE2 has no such patterns to fear. */
function pattern(source: string): RegExp {
  if (/\([^()]*[+*{][^()]*\)\s*[+*{]/.test(source)) throw new Error(`not simulated: the pattern ${source}`);
  return new RegExp(source, 'u');
}
const searched = (text: string): string => {
  if (text.length > MAX_MATCHED) throw new Error(`not simulated: a pattern on more than ${MAX_MATCHED} characters`);
  return text;
};

/**
 * CEL with Kubernetes' libraries (https://kubernetes.io/docs/reference/using-api/cel/): lists, regex, url, ip, cidr, quantity and the
 * string extensions. Missing: authorizer, format, sets, semver, two-variable comprehensions; an expression that uses them does not compile.
 */
export function celEnvironment(variables: readonly string[]): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 5000, maxDepth: 60 },
  });
  for (const name of variables) environment.registerVariable(name, 'dyn');
  environment
    .registerType('Quantity', { ctor: CelQuantity, fields: {} })
    .registerType('IP', { ctor: CelIp, fields: {} })
    .registerType('CIDR', { ctor: CelCidr, fields: {} })
    .registerType('URL', { ctor: CelUrl, fields: {} });
  for (const register of [lists, strings, quantities, networks]) register(environment);
  return environment;
}

function lists(environment: Environment): void {
  environment
    .registerFunction('list<dyn>.isSorted(): bool', isSorted)
    .registerFunction('list<dyn>.sum(): dyn', (list: readonly (bigint | number)[]) =>
      list.reduce<bigint | number>(
        (sum, value) => (typeof value === 'bigint' ? BigInt(sum) + value : Number(sum) + value),
        0n,
      ),
    )
    .registerFunction(
      'list<dyn>.min(): dyn',
      extreme('min', (a, b) => a < b),
    )
    .registerFunction(
      'list<dyn>.max(): dyn',
      extreme('max', (a, b) => a > b),
    )
    .registerFunction('list<dyn>.indexOf(dyn): int', (list: readonly unknown[], value: unknown) =>
      BigInt(list.indexOf(value)),
    )
    .registerFunction('list<dyn>.lastIndexOf(dyn): int', (list: readonly unknown[], value: unknown) =>
      BigInt(list.lastIndexOf(value)),
    );
}

function strings(environment: Environment): void {
  environment
    .registerFunction('string.charAt(int): string', (text: string, at: bigint) => text.charAt(Number(at)))
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, to),
    )
    .registerFunction(
      'string.find(string): string',
      (text: string, source: string) => pattern(source).exec(searched(text))?.[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, source: string) =>
      [...searched(text).matchAll(new RegExp(pattern(source), 'gu'))].map(([match]) => match),
    )
    .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text))
    .registerFunction('url(string): URL', (text: string) => new CelUrl(new URL(text)))
    .registerFunction('URL.getScheme(): string', ({ url }: CelUrl) => url.protocol.slice(0, -1))
    .registerFunction('URL.getHost(): string', ({ url }: CelUrl) => url.host)
    .registerFunction('URL.getHostname(): string', ({ url }: CelUrl) => url.hostname)
    .registerFunction('URL.getPort(): string', ({ url }: CelUrl) => url.port)
    .registerFunction('URL.getEscapedPath(): string', ({ url }: CelUrl) => url.pathname);
}

function quantities(environment: Environment): void {
  const compare = (a: CelQuantity, b: CelQuantity): number => compareQuantities(a.quantity, b.quantity);
  environment
    .registerFunction('isQuantity(string): bool', (text: string) => holds(() => parseQuantity(text)))
    .registerFunction('quantity(string): Quantity', (text: string) => new CelQuantity(parseQuantity(text)))
    .registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0)
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: CelQuantity, b: CelQuantity) => BigInt(compare(a, b)))
    .registerFunction('Quantity.sign(): int', ({ quantity }: CelQuantity) =>
      BigInt(quantity.unscaled > 0n ? 1 : quantity.unscaled < 0n ? -1 : 0),
    )
    .registerFunction('Quantity.asInteger(): int', ({ quantity }: CelQuantity) => BigInt(quantityValue(quantity)))
    .registerFunction(
      'Quantity.asApproximateFloat(): double',
      ({ quantity }: CelQuantity) => Number(quantity.unscaled) * 10 ** quantity.scale,
    )
    .registerFunction(
      'Quantity.add(Quantity): Quantity',
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(addQuantities(a.quantity, b.quantity)),
    )
    .registerFunction(
      'Quantity.sub(Quantity): Quantity',
      (a: CelQuantity, b: CelQuantity) => new CelQuantity(subtractQuantities(a.quantity, b.quantity)),
    );
}

function networks(environment: Environment): void {
  environment
    .registerFunction('isIP(string): bool', (text: string) => ipaddr.isValid(text))
    .registerFunction('ip(string): IP', (text: string) => new CelIp(ipaddr.parse(text)))
    .registerFunction('IP.family(): int', ({ address }: CelIp) => (address.kind() === 'ipv4' ? 4n : 6n))
    .registerFunction('IP.isLoopback(): bool', ({ address }: CelIp) => address.range() === 'loopback')
    .registerFunction('isCIDR(string): bool', (text: string) => ipaddr.isValidCIDR(text))
    .registerFunction('cidr(string): CIDR', (text: string) => new CelCidr(ipaddr.parseCIDR(text)))
    .registerFunction('CIDR.containsIP(string): bool', ({ range }: CelCidr, text: string) =>
      within(ipaddr.parse(text), range),
    )
    .registerFunction('CIDR.containsIP(IP): bool', ({ range }: CelCidr, { address }: CelIp) => within(address, range))
    .registerFunction('CIDR.containsCIDR(string): bool', ({ range }: CelCidr, text: string) => {
      const [address, bits] = ipaddr.parseCIDR(text);
      return bits >= range[1] && within(address, range);
    })
    .registerFunction('CIDR.prefixLength(): int', ({ range }: CelCidr) => BigInt(range[1]));
}

const within = (address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean =>
  address.kind() === network.kind() && address.match(network, bits);

/** CEL's integers have 64 bits: whole numbers become bigint all the way down. Remembered for frozen objects. */
export function asCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value);
  if (known !== undefined) return known;
  const fresh = Array.isArray(value)
    ? value.map(asCel)
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => field !== undefined)
          .map(([key, field]) => [key, asCel(field)]),
      );
  if (Object.isFrozen(value)) converted.set(value, fresh);
  return fresh;
}
const converted = new WeakMap<object, unknown>();

export type Program = { readonly run: ParseResult } | { readonly failed: string };

/** The words of a CEL error without its drawing of the place. */
export const celError = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Compiles and type-checks; `failed` is why it cannot. */
export function compile(environment: Environment, expression: string): Program {
  try {
    const run = environment.parse(expression);
    const checked = run.check();
    return checked.valid ? { run } : { failed: celError(checked.error) };
  } catch (error) {
    return { failed: celError(error) };
  }
}
