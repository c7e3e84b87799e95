import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../model/quantity.ts';
import type { ResourceRequirements } from '../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notFound, required, type Findings } from './field-errors.ts';
import { isHugePages, isInteger, mayOvercommit, validateContainerResourceName } from './resource-names.ts';

const ZERO = parseQuantity('0');

/** Decoding has made quantities canonical, so that they can be read again. */
export const quantityOf = (text: string | number): Quantity => parseQuantity(String(text));

/** ValidatePositiveQuantityValue. False when it is not. */
export function validatePositive(text: string, field: string, found: Findings): boolean {
  const quantity = quantityOf(text);
  if (compareQuantities(quantity, ZERO) > 0) return true;
  found.push(invalid(field, formatQuantity(quantity), 'must be greater than zero'));
  return false;
}

/** validateBasicResource: not less than nothing. */
export function validateBasic(text: string, field: string, found: Findings): void {
  const quantity = quantityOf(text);
  if (compareQuantities(quantity, ZERO) >= 0) return;
  found.push(invalid(field, Number(bytes(quantity)), 'must be a valid resource quantity'));
}

/** ValidateResourceQuantityValue: not negative, and whole where the resource is counted. */
export function validateAmount(name: string, text: string, field: string, found: Findings): void {
  if (!/^[0-9]+(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.test(text)) {
    const quantity = quantityOf(text);
    if (compareQuantities(quantity, ZERO) < 0) {
      found.push(invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0'));
    }
  }
  if (isInteger(name) && !isWhole(quantityOf(text))) found.push(invalid(field, text, 'must be an integer'));
}

/** Whether nothing is left behind the decimal point, down to thousandths. */
const isWhole = ({ unscaled, scale }: Quantity): boolean => scale >= 0 || unscaled % 10n ** BigInt(-scale) === 0n;

/** Memory and disk come in whole bytes; less is only warned of. */
export const isFractional = (text: string): boolean => /[munEe.]/.test(text) && !isWhole(quantityOf(text));

export type NameCheck = (name: string, field: string, found: Findings) => void;

/** ValidateContainerResourceRequirements and, with another check of names, the one of pods. */
export function validateRequirements(
  resources: ResourceRequirements | undefined,
  { claimNames, checkName = validateContainerResourceName }: { claimNames: ReadonlySet<string>; checkName?: NameCheck },
  field: string,
  found: Findings,
): void {
  if (!resources) return;
  const { limits = {}, requests = {}, claims = [] } = resources;
  for (const [name, amount] of Object.entries(limits)) {
    const at = `${field}.limits[${name}]`;
    checkName(name, at, found);
    validateAmount(name, amount, at, found);
    if (isHugePages(name)) validateHugePages(name, amount, at, found);
  }
  for (const [name, amount] of Object.entries(requests)) {
    const at = `${field}.requests[${name}]`;
    checkName(name, at, found);
    validateAmount(name, amount, at, found);
    validateAgainstLimit(name, amount, limits[name], field, found);
    if (isHugePages(name)) validateHugePages(name, amount, at, found);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    found.push(forbidden(field, 'HugePages require cpu or memory'));
  }
  validateClaims(claims, claimNames, `${field}.claims`, found);
}

function validateAgainstLimit(
  name: string,
  amount: string,
  limit: string | undefined,
  field: string,
  found: Findings,
): void {
  if (limit === undefined) {
    if (!mayOvercommit(name)) {
      found.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    }
    return;
  }
  if (amount === limit) return;
  const difference = compareQuantities(quantityOf(amount), quantityOf(limit));
  if (difference !== 0 && !mayOvercommit(name)) {
    found.push(invalid(`${field}.requests`, amount, `must be equal to ${name} limit of ${limit}`));
  } else if (difference > 0) {
    found.push(invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

/** IsHugePageResourceValueDivisible: `hugepages-2Mi` comes in pieces of 2Mi. */
function validateHugePages(name: string, amount: string, field: string, found: Findings): void {
  const size = name.slice('hugepages-'.length);
  try {
    const page = bytes(quantityOf(size));
    if (page > 0n && bytes(quantityOf(amount)) % page === 0n) return;
  } catch {
    // a size that is no quantity divides nothing
  }
  found.push(invalid(field, amount, `${amount} is not positive integer multiple of ${name}`));
}

const bytes = ({ unscaled, scale }: Quantity): bigint =>
  scale >= 0 ? unscaled * 10n ** BigInt(scale) : unscaled / 10n ** BigInt(-scale);

/** validateResourceClaimNames */
function validateClaims(
  claims: readonly { name: string; request?: string }[],
  known: ReadonlySet<string>,
  field: string,
  found: Findings,
): void {
  const seen = new Set<string>();
  for (const [i, { name, request = '' }] of claims.entries()) {
    const at = `${field}[${i}]`;
    if (!name) {
      found.push(required(at));
      continue;
    }
    const key = request === '' ? name : `${name}/${request}`;
    if (request !== '') addTexts(found, `${at}.request`, request, dns1123LabelErrors(request));
    const overlaps =
      seen.has(name) || seen.has(key) || (request === '' && [...seen].some((one) => one.startsWith(`${name}/`)));
    if (overlaps) found.push(duplicate(at, seen.has(name) ? name : key));
    seen.add(key);
    if (!known.has(name)) {
      const names = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
      found.push(notFound(at, name, `must be one of the names in pod.spec.resourceClaims${names}`));
    }
  }
}
