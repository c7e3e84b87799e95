import { NAME_AND_AGE } from '../columns/column.ts';
import type { Column, Conversion, Resource, Strategy, Subresource, Verb } from '../resource.ts';

const EVERY_VERB: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `Pod` becomes `pods`, `Ingress` `ingresses`, `NetworkPolicy` `networkpolicies`. */
function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith('s') || singular.endsWith('x')) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

/** `status` with the verbs every status subresource has. */
export const statusOf = (kind: string): Subresource => ({ name: 'status', kind, verbs: ['get', 'patch', 'update'] });

export const SCALE: Subresource = {
  name: 'scale',
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  verbs: ['get', 'patch', 'update'],
};

export interface RowFacts {
  readonly kind: string;
  readonly plural?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: boolean;
  readonly verbs?: readonly Verb[];
  readonly subresources?: readonly Subresource[];
  readonly storagePrefix?: string;
  readonly columns?: readonly Column[];
  readonly strategy?: Partial<Strategy>;
  readonly conversion?: Conversion;
}

/** A maker of rows for one group version. `package` is the Go package that the OpenAPI type names begin with. */
export const rowsOf =
  (group: string, version: string, typePackage: string) =>
  (facts: RowFacts): Resource => {
    const plural = facts.plural ?? pluralOf(facts.kind);
    const row: Resource = {
      group,
      version,
      kind: facts.kind,
      plural,
      singular: facts.kind.toLowerCase(),
      shortNames: facts.shortNames ?? [],
      categories: facts.categories ?? [],
      namespaced: facts.clusterScoped !== true,
      verbs: facts.verbs ?? EVERY_VERB,
      subresources: facts.subresources ?? [],
      type: `${typePackage}.${facts.kind}`,
      storagePrefix: facts.storagePrefix ?? `/registry/${plural}`,
      columns: facts.columns ?? NAME_AND_AGE,
      strategy: { generation: false, ...facts.strategy },
      ...(facts.conversion === undefined ? {} : { conversion: facts.conversion }),
    };
    return Object.freeze(row);
  };
