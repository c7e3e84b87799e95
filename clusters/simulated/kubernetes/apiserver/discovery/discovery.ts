import { createHash } from 'node:crypto';
import type { Resource } from '../../resources/resource.ts';

/** The order in which upstream lists its groups (priorities of kube-aggregator's APIServices); others follow by name. */
const GROUP_ORDER = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

interface Group {
  readonly name: string;
  /** Preferred first. */
  readonly versions: readonly { readonly version: string; readonly rows: readonly Resource[] }[];
}

const grouped = new WeakMap<readonly Resource[], readonly Group[]>();

function groupsOf(rows: readonly Resource[]): readonly Group[] {
  const known = grouped.get(rows);
  if (known) return known;
  const byGroup = new Map<string, Map<string, Resource[]>>();
  for (const row of rows) {
    const versions = byGroup.get(row.group) ?? new Map<string, Resource[]>();
    byGroup.set(row.group, versions);
    const list = versions.get(row.version) ?? [];
    versions.set(row.version, list);
    list.push(row);
  }
  const groups = [...byGroup]
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .map(([version, list]) => ({ version, rows: list.sort((a, b) => (a.plural < b.plural ? -1 : 1)) }))
        .sort((a, b) => byVersion(a.version, b.version)),
    }))
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  grouped.set(rows, groups);
  return groups;
}

const rank = (group: string): number => {
  const at = GROUP_ORDER.indexOf(group);
  return at < 0 ? GROUP_ORDER.length : at;
};

/** GA before beta before alpha, newer first (apimachinery/pkg/version/helpers.go). */
export function byVersion(a: string, b: string): number {
  const weigh = (version: string): number[] => {
    const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!found) return [0, 0, 0];
    return [found[2] === undefined ? 3 : found[2] === 'beta' ? 2 : 1, Number(found[1]), Number(found[3] ?? 0)];
  };
  const left = weigh(a);
  const right = weigh(b);
  for (const [index, value] of left.entries()) if (value !== right[index]) return right[index]! - value;
  return a < b ? -1 : 1;
}

export const apiVersions = (host: string | undefined): object => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host ?? '' }],
});

const groupFields = ({ name, versions }: Group): object => {
  const list = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
};

export const apiGroupList = (rows: readonly Resource[]): object => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groupsOf(rows)
    .filter(({ name }) => name !== '')
    .map(groupFields),
});

export function apiGroup(rows: readonly Resource[], name: string): object | undefined {
  const group = groupsOf(rows).find((one) => one.name === name && name !== '');
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupFields(group) };
}

const sorted = (verbs: readonly string[]): readonly string[] => verbs.toSorted();

/** Legacy discovery of one group version. */
export function apiResourceList(rows: readonly Resource[], group: string, version: string): object | undefined {
  const found = groupsOf(rows)
    .find(({ name }) => name === group)
    ?.versions.find((one) => one.version === version);
  if (!found) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: found.rows.flatMap((row) => [
      {
        name: row.plural,
        singularName: row.singular,
        namespaced: row.namespaced,
        kind: row.kind,
        verbs: sorted(row.verbs),
        ...(row.shortNames.length > 0 ? { shortNames: row.shortNames } : {}),
        ...(row.categories.length > 0 ? { categories: row.categories } : {}),
        ...(row.verbs.includes('list') ? { storageVersionHash: versionHash(row) } : {}),
      },
      ...row.subresources.map(({ name, kind, group: of, version: at, verbs }) => ({
        name: `${row.plural}/${name}`,
        singularName: '',
        namespaced: row.namespaced,
        ...(of === undefined ? {} : { group: of, version: at }),
        kind,
        verbs: sorted(verbs),
      })),
    ]),
  };
}

const versionHash = (row: Resource): string =>
  createHash('sha512').update(`${row.group}/${row.version}/${row.kind}`).digest('base64').slice(0, 11) + '=';

const documents = new WeakMap<readonly Resource[], Map<boolean, { body: Buffer; etag: string }>>();

/** apidiscovery.k8s.io/v2 APIGroupDiscoveryList, for `/api` the core group and for `/apis` the others. Made once for the same rows. */
export function aggregated(rows: readonly Resource[], core: boolean): { body: Buffer; etag: string } {
  const known = documents.get(rows) ?? new Map<boolean, { body: Buffer; etag: string }>();
  documents.set(rows, known);
  let document = known.get(core);
  if (!document) {
    const items = groupsOf(rows)
      .filter(({ name }) => (name === '') === core)
      .map(({ name, versions }) => ({
        metadata: name === '' ? {} : { name },
        versions: versions.map((one) => ({
          version: one.version,
          resources: one.rows.map(discoveredResource),
          freshness: 'Current',
        })),
      }));
    const body = Buffer.from(
      `${JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items })}\n`,
    );
    document = { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
    known.set(core, document);
  }
  return document;
}

const discoveredResource = (row: Resource): object => ({
  resource: row.plural,
  responseKind: { group: row.group, version: row.version, kind: row.kind },
  scope: row.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: row.singular,
  verbs: sorted(row.verbs),
  ...(row.shortNames.length > 0 ? { shortNames: row.shortNames } : {}),
  ...(row.categories.length > 0 ? { categories: row.categories } : {}),
  ...(row.subresources.length > 0
    ? {
        subresources: row.subresources.map(({ name, kind, group, version, verbs }) => ({
          subresource: name,
          responseKind: { group: group ?? row.group, version: version ?? row.version, kind },
          verbs: sorted(verbs),
        })),
      }
    : {}),
});
