import type { LimitRange, LimitRangeItem, ResourceQuota, ResourceQuotaSpec } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import { compareQuantities } from '../../../model/quantity.ts';
import { addTexts, duplicate, forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { quantityOf, validateAmount } from '../quantities.ts';
import {
  isStandardQuota,
  validateContainerResourceName,
  validateQuotaResourceName,
  validateResourceName,
} from '../resource-names.ts';

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

/** Minimum, default request, default limit and maximum have to follow each other. */
function validateOrder(item: LimitRangeItem, name: string, at: string, found: Findings): void {
  const [min, max, limit, request] = [item.min, item.max, item.default, item.defaultRequest].map((all) => all?.[name]);
  const compare = (
    low: string | undefined,
    high: string | undefined,
    field: string,
    shown: string | undefined,
    text: string,
  ): void => {
    if (low === undefined || high === undefined || compareQuantities(quantityOf(low), quantityOf(high)) <= 0) return;
    found.push(invalid(`${at}.${field}[${name}]`, shown, text.replace('LOW', low).replace('HIGH', high)));
  };
  compare(min, max, 'min', min, 'min value LOW is greater than max value HIGH');
  compare(min, request, 'defaultRequest', request, 'min value LOW is greater than default request value HIGH');
  compare(request, max, 'defaultRequest', request, 'default request value LOW is greater than max value HIGH');
  compare(
    request,
    limit,
    'defaultRequest',
    request,
    'default request value LOW is greater than default limit value HIGH',
  );
  compare(min, limit, 'default', min, 'min value LOW is greater than default value HIGH');
  compare(limit, max, 'default', max, 'default value LOW is greater than max value HIGH');
  compare(
    '1',
    item.maxLimitRequestRatio?.[name],
    'maxLimitRequestRatio',
    item.maxLimitRequestRatio?.[name],
    'ratio HIGH is less than 1',
  );
}

const SCOPES = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]);
const OF_PODS = new Set(['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const OF_CLAIMS = new Set(['persistentvolumeclaims', 'requests.storage']);
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** ValidateResourceQuota */
export function validateQuota({ spec }: ResourceQuota, found: Findings): void {
  validateAmounts(spec.hard, 'spec.hard', found);
  validateScopes(spec, found);
  validateScopeSelector(spec, found);
}

/** ValidateResourceQuotaUpdate */
export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota, found: Findings): void {
  validateQuota(quota, found);
  const scopes = quota.spec.scopes ?? [];
  if (!sameValue(scopes.toSorted(), (old.spec.scopes ?? []).toSorted())) {
    found.push(invalid('spec.scopes', scopes, 'field is immutable'));
  }
}

/** ValidateResourceQuotaStatusUpdate */
export function validateQuotaStatus({ status }: ResourceQuota, _old: ResourceQuota, found: Findings): void {
  validateAmounts(status.hard, 'status.hard', found);
  validateAmounts(status.used, 'status.used', found);
}

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: string, found: Findings): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    validateQuotaResourceName(name, `${path}[${name}]`, found);
    validateAmount(name, amount, `${path}[${name}]`, found);
  }
}

/** IsResourceQuotaScopeValidForResource */
function appliesTo(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  return scope === 'VolumeAttributesClass' ? OF_CLAIMS.has(resource) : OF_PODS.has(resource);
}

function validateScopes({ hard, scopes = [] }: ResourceQuotaSpec, found: Findings): void {
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) found.push(invalid('spec.scopes', scopes, 'unsupported scope'));
    for (const resource of Object.keys(hard ?? {})) {
      if (isStandardQuota(resource) && !appliesTo(scope, resource)) {
        found.push(invalid('spec.scopes', scopes, 'unsupported scope applied to resource'));
      }
    }
  }
  for (const pair of CONFLICTS) {
    if (pair.every((scope) => scopes.includes(scope))) found.push(invalid('spec.scopes', scopes, 'conflicting scopes'));
  }
}

const MUST_EXIST =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** validateScopedResourceSelectorRequirement */
function validateScopeSelector({ hard, scopeSelector }: ResourceQuotaSpec, found: Findings): void {
  const at = 'spec.scopeSelector.matchExpressions';
  for (const { scopeName: scope, operator, values = [] } of scopeSelector?.matchExpressions ?? []) {
    if (!SCOPES.has(scope)) found.push(invalid(`${at}.scopeName`, scope, 'unsupported scope'));
    for (const resource of Object.keys(hard ?? {})) {
      if (isStandardQuota(resource) && !appliesTo(scope, resource)) {
        found.push(
          invalid(
            at,
            { MatchExpressions: scopeSelector?.matchExpressions?.map(internal) },
            'unsupported scope applied to resource',
          ),
        );
      }
    }
    const bare = scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass' && SCOPES.has(scope);
    if (bare && operator !== 'Exists') found.push(invalid(`${at}.operator`, operator, MUST_EXIST));
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        found.push(
          required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
        );
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        found.push(
          invalid(
            `${at}.values`,
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
      }
    } else found.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'));
  }
}

const internal = ({
  scopeName,
  operator,
  values,
}: {
  scopeName: string;
  operator: string;
  values?: string[];
}): object => ({
  ScopeName: scopeName,
  Operator: operator,
  Values: values ?? null,
});
