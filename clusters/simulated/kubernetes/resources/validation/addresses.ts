import ipaddr from 'ipaddr.js';
import { invalid, type Findings } from './field-errors.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const DOTTED = /^\d{1,3}(\.\d{1,3}){3}$/;

/** ParseIPSloppy: four decimal numbers (leading zeros are taken as decimal) or IPv6 without a zone. */
export function parseAddress(text: string): Address | undefined {
  if (DOTTED.test(text)) {
    const octets = text.split('.').map(Number);
    return octets.every((octet) => octet < 256) ? new ipaddr.IPv4(octets) : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text);
}

/** ParseCIDRSloppy: the address and the length of the prefix. */
export function parseCidr(text: string): { address: Address; bits: number } | undefined {
  const [host = '', length = '', ...rest] = text.split('/');
  const address = parseAddress(host);
  if (!address || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length);
  return bits <= (address.kind() === 'ipv4' ? 32 : 128) ? { address, bits } : undefined;
}

/** Whether the range of `outer` holds the address. */
export const contains = (outer: { address: Address; bits: number }, address: Address): boolean =>
  outer.address.kind() === address.kind() && address.match(outer.address, outer.bits);

export const isIPv6 = (text: string): boolean => parseAddress(text)?.kind() === 'ipv6';

const WRONG_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const WRONG_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const LEADING_ZERO = /(^|\.)0\d/;
const isMapped = (address: Address): boolean =>
  address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress();

/**
 * IsValidIPForLegacyField of apimachinery/pkg/util/validation/ip.go, with StrictIPCIDRValidation. False when something is wrong. What
 * an object held before (`kept`) it may hold on.
 */
export function validateAddress(
  text: string | undefined,
  field: string,
  found: Findings,
  kept: readonly string[] = [],
): boolean {
  const shown = text ?? '';
  if (kept.includes(shown)) return true;
  const address = parseAddress(shown);
  const why = !address
    ? WRONG_ADDRESS
    : LEADING_ZERO.test(shown)
      ? 'must not have leading 0s'
      : isMapped(address)
        ? 'must not be an IPv4-mapped IPv6 address'
        : undefined;
  if (why !== undefined) found.push(invalid(field, shown, why));
  return why === undefined;
}

/** IsValidCIDRForLegacyField, with StrictIPCIDRValidation. */
export function validateCidr(
  text: string | undefined,
  field: string,
  found: Findings,
  kept: readonly string[] = [],
): void {
  const shown = text ?? '';
  if (kept.includes(shown)) return;
  const cidr = parseCidr(shown);
  if (!cidr) found.push(invalid(field, shown, WRONG_CIDR));
  else if (LEADING_ZERO.test(shown) || /\/0\d/.test(shown)) {
    found.push(invalid(field, shown, 'must not have leading 0s in IP or prefix length'));
  } else if (isMapped(cidr.address)) {
    found.push(invalid(field, shown, 'must not have an IPv4-mapped IPv6 address'));
  } else if (networkOf(shown) !== canonical(cidr.address)) {
    found.push(invalid(field, shown, 'must not have bits set beyond the prefix length'));
  }
}

const canonical = (address: Address): string =>
  address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();

/** The first address of a range that parses. */
const networkOf = (cidr: string): string =>
  cidr.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String()
    : ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();

/** pkg/apis/core/validation ValidateNonSpecialIP: addresses that an endpoint or an external IP may not have. */
export function validateNonSpecialAddress(text: string | undefined, field: string, found: Findings): void {
  const address = parseAddress(text ?? '');
  if (!address) {
    found.push(invalid(field, text ?? '', 'must be a valid IP address'));
    return;
  }
  const kind = address.range();
  const say = (why: string): void => void found.push(invalid(field, text, why));
  if (address.toByteArray().every((byte) => byte === 0)) say(`may not be unspecified (${text})`);
  if (kind === 'loopback') say('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (kind === 'linkLocal') say('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (isLinkLocalMulticast(address)) say('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
}

function isLinkLocalMulticast(address: Address): boolean {
  const bytes = address.toByteArray();
  return address.kind() === 'ipv4'
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === 2;
}

/** One address of each family, at most (IsDualStackIPStrings). */
export const isDualStack = (addresses: readonly string[]): boolean =>
  new Set(addresses.map(isIPv6)).size === 2 && addresses.every((text) => parseAddress(text));

/**
 * GetWarningsForIP: addresses in another form than the one they are compared in. What is worse is not taken any more, and warned of only
 * where an object holds it from before.
 */
export function warnAboutAddress(text: string, field: string): string[] {
  const address = parseAddress(text);
  if (!address) return [];
  if (LEADING_ZERO.test(text) || isMapped(address)) {
    const better = isMapped(address) ? (address as ipaddr.IPv6).toIPv4Address().toString() : address.toString();
    return [
      `${field}: non-standard IP address ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(better)}`,
    ];
  }
  const better = canonical(address);
  return better === text
    ? []
    : [
        `${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(better)})`,
      ];
}

/** GetWarningsForCIDR: bits behind the prefix, and IPv6 in another form. */
export function warnAboutCidr(text: string, field: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [];
  const own = canonical(cidr.address);
  const range = `${networkOf(text)}/${cidr.bits}`;
  if (range !== `${own}/${cidr.bits}`) {
    const single = `${own}/${cidr.address.kind() === 'ipv4' ? 32 : 128}`;
    return [
      `${field}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(range)} or ${JSON.stringify(single)}?)`,
    ];
  }
  return cidr.address.kind() === 'ipv4' || range === text
    ? []
    : [
        `${field}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(range)})`,
      ];
}

/** ValidateIPAddressName of pkg/apis/networking/validation: an address in its one canonical form (IsValidIP). */
export function addressErrors(text: string): string[] {
  const address = parseAddress(text);
  if (!address) return [WRONG_ADDRESS];
  const canonical = address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();
  return canonical === text ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
}
