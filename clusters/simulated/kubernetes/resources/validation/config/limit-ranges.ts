import type { LimitRange, LimitRangeItem } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import { compareQuantities, quantityMilliValue } from '../../../model/quantity.ts';
import { addTexts, duplicate, forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { quantityOf } from '../quantities.ts';
import { mayOvercommit, validateContainerResourceName, validateResourceName } from '../resource-names.ts';

const LIMIT_TYPES = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);

/** ValidateLimitRange of pkg/apis/core/validation. */
export function validateLimitRange({ spec }: LimitRange, found: Findings): void {
  const types = new Set<string>();
  for (const [i, item] of ((spec.limits as LimitRangeItem[] | undefined) ?? []).entries()) {
    const at = `spec.limits[${i}]`;
    const texts = qualifiedNameErrors(item.type);
    addTexts(found, `${at}.type`, item.type, texts);
    if (texts.length === 0 && !item.type.includes('/') && !LIMIT_TYPES.has(item.type)) {
      found.push(invalid(`${at}.type`, item.type, 'must be a standard limit type or fully qualified'));
    }
    if (types.has(item.type)) found.push(duplicate(`${at}.type`, item.type));
    types.add(item.type);
    validateItem(item, at, found);
  }
}

function validateItem(item: LimitRangeItem, at: string, found: Findings): void {
  const names = new Set<string>();
  const check = item.type === 'Pod' || item.type === 'Container' ? validateContainerResourceName : validateResourceName;
  const look = (field: 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio'): void => {
    for (const name of Object.keys(item[field] ?? {})) {
      check(name, `${at}.${field}[${name}]`, found);
      names.add(name);
    }
  };
  look('max');
  look('min');
  if (item.type === 'Pod') {
    for (const field of ['default', 'defaultRequest'] as const) {
      if (Object.keys(item[field] ?? {}).length > 0) {
        found.push(forbidden(`${at}.${field}`, "may not be specified when `type` is 'Pod'"));
      }
    }
  } else {
    look('default');
    look('defaultRequest');
  }
  if (
    item.type === 'PersistentVolumeClaim' &&
    item.min?.['storage'] === undefined &&
    item.max?.['storage'] === undefined
  ) {
    found.push(
      required(`${at}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  }
  look('maxLimitRequestRatio');
  for (const name of names) validateOrder(item, name, at, found);
}

type Amount = 'min' | 'max' | 'default' | 'defaultRequest';

/** Pairs that have to follow each other: the lower, the higher, the field it is said of, whose value is shown, and in which words. */
const ORDER: readonly [low: Amount, high: Amount, field: Amount, shown: Amount, words: string][] = [
  ['min', 'max', 'min', 'min', 'min value LOW is greater than max value HIGH'],
  [
    'min',
    'defaultRequest',
    'defaultRequest',
    'defaultRequest',
    'min value LOW is greater than default request value HIGH',
  ],
  [
    'defaultRequest',
    'max',
    'defaultRequest',
    'defaultRequest',
    'default request value LOW is greater than max value HIGH',
  ],
  [
    'defaultRequest',
    'default',
    'defaultRequest',
    'defaultRequest',
    'default request value LOW is greater than default limit value HIGH',
  ],
  ['min', 'default', 'default', 'min', 'min value LOW is greater than default value HIGH'],
  ['default', 'max', 'default', 'max', 'default value LOW is greater than max value HIGH'],
];

function validateOrder(item: LimitRangeItem, name: string, at: string, found: Findings): void {
  // What a limit of whole pods may not say is not compared either.
  const ofPod = item.type === 'Pod';
  const amountOf = (field: Amount): string | undefined =>
    ofPod && (field === 'default' || field === 'defaultRequest') ? undefined : item[field]?.[name];
  for (const [low, high, field, shown, words] of ORDER) {
    const [less, more] = [amountOf(low), amountOf(high)];
    if (less === undefined || more === undefined || compareQuantities(quantityOf(less), quantityOf(more)) <= 0)
      continue;
    found.push(invalid(`${at}.${field}[${name}]`, amountOf(shown), words.replace('LOW', less).replace('HIGH', more)));
  }
  validateRatio(item, name, at, found);
  const [limit, request] = [amountOf('default'), amountOf('defaultRequest')];
  if (mayOvercommit(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(quantityOf(limit), quantityOf(request)) === 0) return;
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
  found.push(invalid(`${at}.defaultRequest[${name}]`, request, why));
}

/** A limit may be so many times the request: at least once, and no more than the maximum is of the minimum. */
function validateRatio(
  { maxLimitRequestRatio, min, max }: LimitRangeItem,
  name: string,
  at: string,
  found: Findings,
): void {
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return;
  const field = `${at}.maxLimitRequestRatio[${name}]`;
  if (compareQuantities(quantityOf(ratio), quantityOf('1')) < 0) {
    found.push(invalid(field, ratio, `ratio ${ratio} is less than 1`));
  }
  const [low, high] = [min?.[name], max?.[name]];
  if (low === undefined || high === undefined) return;
  const most = quantityMilliValue(quantityOf(high)) / quantityMilliValue(quantityOf(low));
  if (quantityMilliValue(quantityOf(ratio)) / 1000 <= most) return;
  found.push(invalid(field, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
}
