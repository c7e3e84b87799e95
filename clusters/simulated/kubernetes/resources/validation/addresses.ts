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

/** apimachinery/pkg/util/validation/ip.go IsValidIP. False when it is none. */
export function validateAddress(text: string | undefined, field: string, found: Findings): boolean {
  if (parseAddress(text ?? '')) return true;
  found.push(invalid(field, text ?? '', WRONG_ADDRESS));
  return false;
}

/** IsValidCIDR */
export function validateCidr(text: string | undefined, field: string, found: Findings): void {
  if (!parseCidr(text ?? '')) found.push(invalid(field, text ?? '', WRONG_CIDR));
}

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

/** GetWarningsForIP: addresses in a form that a later release will refuse. */
export function warnAboutAddress(text: string, field: string): string[] {
  const address = parseAddress(text);
  if (!address) return [];
  if (address.kind() === 'ipv4') {
    return address.toString() === text
      ? []
      : [
          `${field}: non-standard IP address ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(address.toString())}`,
        ];
  }
  const canonical = (address as ipaddr.IPv6).toRFC5952String();
  return canonical === text
    ? []
    : [
        `${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
      ];
}

/** GetWarningsForCIDR: bits behind the prefix. */
export function warnAboutCidr(text: string, field: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [];
  const network =
    cidr.address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(text).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String();
  const own =
    cidr.address.kind() === 'ipv4' ? cidr.address.toString() : (cidr.address as ipaddr.IPv6).toRFC5952String();
  if (network === own) return [];
  const single = `${own}/${cidr.address.kind() === 'ipv4' ? 32 : 128}`;
  return [
    `${field}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(`${network}/${cidr.bits}`)} or ${JSON.stringify(single)}?)`,
  ];
}
