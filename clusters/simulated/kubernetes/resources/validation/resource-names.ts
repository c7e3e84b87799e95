import { qualifiedNameErrors } from '../../model/names.ts';
import { addTexts, invalid, type Findings } from './field-errors.ts';

/** Kinds of resource names (pkg/apis/core/helper/helpers.go). */
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const QUOTA_AMOUNTS = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];
const STANDARD_CONTAINER = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STANDARD_QUOTA = new Set([...QUOTA_AMOUNTS, ...COUNTED]);
const STANDARD = new Set([...STANDARD_QUOTA, 'storage']);
const INTEGER = new Set(COUNTED);

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith('requests.hugepages-');
/** Without a prefix, or with one of Kubernetes' own. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);
export const isInteger = (name: string): boolean => INTEGER.has(name) || isExtended(name);
export const isStandardQuota = (name: string): boolean => STANDARD_QUOTA.has(name) || isQuotaHugePages(name);

/** validateResourceName. False when something is wrong with it. */
export function validateResourceName(name: string, field: string, found: Findings): boolean {
  const texts = qualifiedNameErrors(name);
  addTexts(found, field, name, texts);
  if (texts.length > 0) return false;
  if (!name.includes('/') && !STANDARD.has(name) && !isQuotaHugePages(name)) {
    found.push(invalid(field, name, 'must be a standard resource type or fully qualified'));
    return false;
  }
  return true;
}

/** validateContainerResourceName */
export function validateContainerResourceName(name: string, field: string, found: Findings): void {
  if (STANDARD_CONTAINER.has(name)) return;
  validateResourceName(name, field, found);
  if (!name.includes('/')) {
    if (!isHugePages(name)) found.push(invalid(field, name, 'must be a standard resource for containers'));
  } else if (!isNative(name) && !isExtended(name)) {
    found.push(invalid(field, name, "doesn't follow extended resource name standard"));
  }
}

/** ValidateResourceQuotaResourceName */
export function validateQuotaResourceName(name: string, field: string, found: Findings): void {
  validateResourceName(name, field, found);
  if (!name.includes('/') && !isStandardQuota(name)) {
    found.push(invalid(field, name, 'must be a standard resource for quota'));
  }
}
