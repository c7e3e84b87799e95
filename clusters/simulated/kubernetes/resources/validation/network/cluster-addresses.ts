import type { ServiceSpec } from '../../../model/generated/objects.ts';
import { isDualStack, isIPv6, validateAddress } from '../addresses.ts';
import { duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const FAMILIES = ['IPv4', 'IPv6'];

/** isHeadlessService: one that has no address on purpose. */
export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === 'None';

/** ValidateServiceClusterIPsRelatedFields of pkg/apis/core/validation: it goes before an address is given, too. */
export function validateClusterAddresses(spec: ServiceSpec, found: Findings, old?: ServiceSpec): void {
  if (spec.type === 'ExternalName') return;
  const { ipFamilyPolicy: policy, ipFamilies = [], clusterIP = '', clusterIPs = [] } = spec;
  if (clusterIP === '' && clusterIPs.length > 0) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'));
  } else if (clusterIP !== '' && clusterIPs.length === 0) found.push(required('spec.clusterIPs'));
  else if (clusterIP !== '' && clusterIPs[0] !== clusterIP) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  }
  for (const [i, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) found.push(notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES));
    if (ipFamilies.indexOf(family) < i) found.push(duplicate(`spec.ipFamilies[${i}]`, family));
  }
  if (policy !== undefined && !FAMILY_POLICIES.includes(policy)) {
    found.push(notSupported('spec.ipFamilyPolicy', policy, FAMILY_POLICIES));
  }
  let wrong = false;
  for (const [i, address] of clusterIPs.entries()) {
    if (i > 0 || address !== 'None') {
      wrong = !validateAddress(address, `spec.clusterIPs[${i}]`, found, old?.clusterIPs) || wrong;
    } else if (clusterIPs.length > 1) {
      wrong = true;
      found.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"));
    }
  }
  if (clusterIPs.length > 2) found.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  // Addresses that are none would only skew what follows.
  if (wrong) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs)) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return;
  for (const [i, address] of clusterIPs.entries()) {
    const family = ipFamilies[i];
    if (family === undefined) break;
    if (!FAMILIES.includes(family) || isIPv6(address) === (family === 'IPv6')) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    found.push(invalid(`spec.clusterIPs[${i}]`, address, text));
  }
}
