import type { Environment } from '@marcbachmann/cel-js';
import ipaddr from 'ipaddr.js';
import { declareNamespace } from '../namespace.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

class CelIp {
  readonly address: Address;
  constructor(address: Address) {
    this.address = address;
  }
}
class CelCidr {
  readonly address: Address;
  readonly bits: number;
  constructor([address, bits]: [Address, number]) {
    this.address = address;
    this.bits = bits;
  }
}

/** As net/netip reads them: four whole numbers without leading zeros, no zone, no IPv4 in IPv6. */
function readAddress(text: string): Address {
  const four = ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text);
  if (!four && (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text))) {
    throw new Error(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  }
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    throw new Error(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  }
  return address;
}

function readCidr(text: string): [Address, number] {
  const [, address, bits] = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const read = address === undefined ? undefined : safely(() => readAddress(address));
  const most = read?.kind() === 'ipv4' ? 32 : 128;
  if (read === undefined || Number(bits) > most) {
    throw new Error(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): invalid`,
    );
  }
  return [read, Number(bits)];
}

function safely<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}

const within = (address: Address, { address: network, bits }: CelCidr): boolean =>
  address.kind() === network.kind() && address.match(network, bits);

const textOf = (address: Address): string =>
  address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();

const isUnspecified = ({ address }: CelIp): boolean => address.toByteArray().every((byte) => byte === 0);
const multicast = ({ address }: CelIp, scope: number): boolean =>
  address instanceof ipaddr.IPv6
    ? address.toByteArray()[0] === 0xff && (address.toByteArray()[1] ?? 0) % 16 === scope
    : address.toString().startsWith('224.0.0.') && scope === 2;

function masked({ address, bits }: CelCidr): CelCidr {
  const bytes = address.toByteArray().map((byte, at) => {
    const kept = Math.max(0, Math.min(8, bits - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return new CelCidr([ipaddr.fromByteArray(bytes), bits]);
}

/** apiserver/pkg/cel/library/{ip,cidr}.go */
export function networks(environment: Environment): void {
  environment
    .registerType('net.IP', { ctor: CelIp, fields: {} })
    .registerType('net.CIDR', { ctor: CelCidr, fields: {} })
    .registerFunction(
      `${declareNamespace(environment, 'ip')}.isCanonical(string): bool`,
      (_ip, text: string) => textOf(readAddress(text)) === text,
    )
    .registerFunction('isIP(string): bool', (text: string) => safely(() => readAddress(text)) !== undefined)
    .registerFunction('ip(string): net.IP', (text: string) => new CelIp(readAddress(text)))
    .registerFunction('string(net.IP): string', ({ address }: CelIp) => textOf(address))
    .registerFunction('net.IP.family(): int', ({ address }: CelIp) => (address.kind() === 'ipv4' ? 4n : 6n))
    .registerFunction('net.IP.isUnspecified(): bool', isUnspecified)
    .registerFunction('net.IP.isLoopback(): bool', ({ address }: CelIp) => address.range() === 'loopback')
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', (ip: CelIp) => multicast(ip, 2))
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', ({ address }: CelIp) => address.range() === 'linkLocal')
    .registerFunction(
      'net.IP.isGlobalUnicast(): bool',
      (ip: CelIp) =>
        !isUnspecified(ip) && !['loopback', 'linkLocal', 'multicast', 'broadcast'].includes(ip.address.range()),
    )
    .registerOperator('net.IP == net.IP', (a: CelIp, b: CelIp) => textOf(a.address) === textOf(b.address))
    .registerFunction('isCIDR(string): bool', (text: string) => safely(() => readCidr(text)) !== undefined)
    .registerFunction('cidr(string): net.CIDR', (text: string) => new CelCidr(readCidr(text)))
    .registerFunction('string(net.CIDR): string', ({ address, bits }: CelCidr) => `${textOf(address)}/${bits}`)
    .registerFunction('net.CIDR.ip(): net.IP', ({ address }: CelCidr) => new CelIp(address))
    .registerFunction('net.CIDR.masked(): net.CIDR', masked)
    .registerFunction('net.CIDR.prefixLength(): int', ({ bits }: CelCidr) => BigInt(bits))
    .registerFunction('net.CIDR.containsIP(string): bool', (range: CelCidr, text: string) =>
      within(readAddress(text), range),
    )
    .registerFunction('net.CIDR.containsIP(net.IP): bool', (range: CelCidr, { address }: CelIp) =>
      within(address, range),
    )
    .registerFunction('net.CIDR.containsCIDR(string): bool', (range: CelCidr, text: string) =>
      contains(range, new CelCidr(readCidr(text))),
    )
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', contains)
    .registerOperator(
      'net.CIDR == net.CIDR',
      (a: CelCidr, b: CelCidr) => a.bits === b.bits && textOf(a.address) === textOf(b.address),
    );
}

const contains = (range: CelCidr, inner: CelCidr): boolean => inner.bits >= range.bits && within(inner.address, range);
