import type { ResourceQuota, ResourceQuotaSpec } from '../../../model/generated/objects.ts';
import { invalid, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { validateAmount } from '../quantities.ts';
import { isStandardQuota, validateQuotaResourceName } from '../resource-names.ts';

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

/** IsResourceQuotaScopeValidForResource; of a scope of no kind enough is said. */
function appliesTo(scope: string, resource: string): boolean {
  if (!SCOPES.has(scope)) return true;
  if (scope === 'BestEffort') return resource === 'pods';
  return scope === 'VolumeAttributesClass' ? OF_CLAIMS.has(resource) : OF_PODS.has(resource);
}

function validateScopes({ hard, scopes = [] }: ResourceQuotaSpec, found: Findings): void {
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) found.push(invalid('spec.scopes', scopes, 'unsupported scope'));
    for (const resource of Object.keys(hard ?? {}).sort()) {
      if (isStandardQuota(resource) && !appliesTo(scope, resource)) {
        found.push(invalid('spec.scopes', scopes, 'unsupported scope applied to resource'));
      }
    }
  }
  validateConflicts(scopes, 'spec.scopes', scopes, found);
}

function validateConflicts(scopes: readonly string[], field: string, shown: unknown, found: Findings): void {
  for (const pair of CONFLICTS) {
    if (pair.every((scope) => scopes.includes(scope))) found.push(invalid(field, shown, 'conflicting scopes'));
  }
}

const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** validateScopedResourceSelectorRequirement */
function validateScopeSelector({ hard, scopes, scopeSelector }: ResourceQuotaSpec, found: Findings): void {
  const at = 'spec.scopeSelector.matchExpressions';
  const expressions = scopeSelector?.matchExpressions ?? [];
  for (const { scopeName: scope, operator, values = [] } of expressions) {
    if (!SCOPES.has(scope)) found.push(invalid(`${at}.scopeName`, scope, 'unsupported scope'));
    for (const resource of Object.keys(hard ?? {}).sort()) {
      if (isStandardQuota(resource) && !appliesTo(scope, resource)) {
        found.push(
          invalid(at, { MatchExpressions: expressions.map(internal) }, 'unsupported scope applied to resource'),
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
  // Upstream shows the scopes of the spec, which are not those that clash.
  validateConflicts(
    expressions.map(({ scopeName }) => scopeName),
    at,
    scopes,
    found,
  );
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
