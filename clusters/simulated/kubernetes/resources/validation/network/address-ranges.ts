import type { IPAddress, ParentReference, ServiceCIDR } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../model/names.ts';
import { parseCidr, validateCidr } from '../addresses.ts';
import { addTexts, invalid, required, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';

const CIDRS = 'spec.cidrs';
const IMMUTABLE = 'field is immutable';

/** ValidateIPAddress of pkg/apis/networking/validation. */
export function validateIPAddress({ spec }: IPAddress, found: Findings): void {
  const parent = (spec as Partial<NonNullable<IPAddress['spec']>> | undefined)?.parentRef;
  if (!parent) return void found.push(required('spec.parentRef'));
  const { group = '', resource, name, namespace = '' } = parent as Partial<ParentReference>;
  const at = 'spec.parentRef';
  if (group !== '') addTexts(found, `${at}.group`, group, dns1123SubdomainErrors(group));
  for (const [field, value] of Object.entries({ resource, name })) {
    if (!value) found.push(required(`${at}.${field}`));
    else addTexts(found, `${at}.${field}`, value, pathSegmentErrors(value));
  }
  if (namespace !== '') addTexts(found, `${at}.namespace`, namespace, pathSegmentErrors(namespace));
}

/** ValidateIPAddressUpdate */
export const validateIPAddressUpdate = (address: IPAddress, old: IPAddress, found: Findings): void =>
  immutable(address.spec?.parentRef, old.spec?.parentRef, 'spec.parentRef', found);

/** ValidateServiceCIDR */
export function validateServiceCidr({ spec }: ServiceCIDR, found: Findings): void {
  const ranges = spec?.cidrs ?? [];
  if (ranges.length === 0) return void found.push(required(CIDRS, 'at least one CIDR required'));
  if (ranges.length > 2) {
    return void found.push(invalid(CIDRS, { CIDRs: ranges }, 'may only hold up to 2 values'));
  }
  for (const [i, range] of ranges.entries()) validateCidr(range, `${CIDRS}[${i}]`, found);
  const [first, second] = ranges.map((range) => parseCidr(range)?.address.kind());
  if (ranges.length === 2 && first !== undefined && first === second) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    found.push(invalid(CIDRS, ranges, why));
  }
}

/** ValidateServiceCIDRUpdate: the one change is a second range of the other family. */
export function validateServiceCidrUpdate(range: ServiceCIDR, old: ServiceCIDR, found: Findings): void {
  const [after, before] = [range.spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  const grows = before.length === 1 && after.length === 2;
  if (before.length !== after.length && !grows) {
    return void found.push(invalid(CIDRS, after, IMMUTABLE));
  }
  for (const [i, one] of before.entries()) {
    if (after[i] !== one) found.push(invalid(`${CIDRS}[${i}]`, after[i], IMMUTABLE));
  }
  if (grows) validateServiceCidr(range, found);
}
