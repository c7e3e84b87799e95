import { hasSchema } from './schema.ts';

/** API groups and the packages of their types in OpenAPI names. */
const packages: ReadonlyMap<string, string> = new Map([
  ...['apps', 'autoscaling', 'batch', 'policy'].map((group) => [group, `io.k8s.api.${group}`] as const),
  ...[
    'admission',
    'admissionregistration',
    'apidiscovery',
    'authentication',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'imagepolicy',
    'networking',
    'node',
    'resource',
    'scheduling',
    'storage',
  ].map((group) => [`${group}.k8s.io`, `io.k8s.api.${group}`] as const),
  ['', 'io.k8s.api.core'],
  ['authorization.k8s.io', 'io.k8s.api.authorization'],
  ['rbac.authorization.k8s.io', 'io.k8s.api.rbac'],
  ['flowcontrol.apiserver.k8s.io', 'io.k8s.api.flowcontrol'],
  ['apiextensions.k8s.io', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions'],
  ['apiregistration.k8s.io', 'io.k8s.kube-aggregator.pkg.apis.apiregistration'],
  ['meta.k8s.io', 'io.k8s.apimachinery.pkg.apis.meta'],
]);

/** Group versions that a real API server's scheme still knows although 1.36 does not serve them by default. */
const retired = new Set([
  'admissionregistration.k8s.io/v1alpha1',
  'admissionregistration.k8s.io/v1beta1',
  'apps/v1beta1',
  'apps/v1beta2',
  'authentication.k8s.io/v1alpha1',
  'authentication.k8s.io/v1beta1',
  'authorization.k8s.io/v1beta1',
  'autoscaling/v2beta1',
  'autoscaling/v2beta2',
  'batch/v1beta1',
  'certificates.k8s.io/v1alpha1',
  'certificates.k8s.io/v1beta1',
  'coordination.k8s.io/v1beta1',
  'discovery.k8s.io/v1beta1',
  'events.k8s.io/v1beta1',
  'extensions/v1beta1',
  'networking.k8s.io/v1beta1',
  'node.k8s.io/v1beta1',
  'policy/v1beta1',
  'rbac.authorization.k8s.io/v1alpha1',
  'rbac.authorization.k8s.io/v1beta1',
  'scheduling.k8s.io/v1beta1',
  'storage.k8s.io/v1beta1',
]);

/** Kinds that every group version has (AddToGroupVersion in apimachinery/pkg/apis/meta/v1/register.go). */
const everywhere = new Set([
  'WatchEvent',
  'ListOptions',
  'GetOptions',
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
]);
/** Kinds of `v1` that live in meta/v1. */
const unversioned = new Set(['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList', 'List']);

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Group and version of an apiVersion; undefined when it has more than one slash. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } | undefined {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return undefined;
  return parts.length === 2 ? { group: parts[0] ?? '', version: parts[1] ?? '' } : { group: '', version: apiVersion };
}

/** The model's name for a kind (`apps/v1`, `Deployment` is `io.k8s.api.apps.v1.Deployment`), or undefined for one that it does not have. */
export function typeOfKind(apiVersion: string, kind: string): string | undefined {
  const parsed = parseApiVersion(apiVersion);
  if (parsed === undefined) return undefined;
  if (everywhere.has(kind) || (apiVersion === 'v1' && unversioned.has(kind))) return `${meta}.${kind}`;
  const prefix = packages.get(parsed.group);
  const name = `${prefix}.${parsed.version}.${kind}`;
  return prefix !== undefined && hasSchema(name) ? name : undefined;
}

/** Whether a real API server could read the group version, though it serves another one. */
export const isRetired = (apiVersion: string): boolean => retired.has(apiVersion);

export interface KindOfType {
  /** The API group, and its version and both as in apiVersion. */
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** The group's Go package: `core`, `rbac`. */
  readonly package: string;
}

const kinds = new Map<string, KindOfType>();

/** What `io.k8s.api.apps.v1.Deployment` is called in requests. Only types of the model are asked for, so the cache is bounded. */
export function kindOfType(type: string): KindOfType {
  let found = kinds.get(type);
  if (found === undefined) {
    const [kind = '', version = '', ...rest] = type.split('.').reverse();
    const prefix = rest.reverse().join('.');
    const group = [...packages].find(([, name]) => name === prefix)?.[0] ?? '';
    const apiVersion = group === '' ? version : `${group}/${version}`;
    found = { group, version, apiVersion, kind, package: rest.at(-1) ?? '' };
    kinds.set(type, found);
  }
  return found;
}
