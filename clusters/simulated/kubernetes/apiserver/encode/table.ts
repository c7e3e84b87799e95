import type { KubeObject } from '../../object.ts';
import type { Column, Resource } from '../../resources/resource.ts';

/** `includeObject` of TableOptions: what comes with each row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface TableOptions {
  readonly version: string;
  readonly include: IncludeObject;
  /** Milliseconds since 1970, for ages. */
  readonly now: number;
  readonly columns: boolean;
}

/** meta/v1 Table of these objects. Column definitions are left out of every event of a watch but the first. */
export function tableOf(
  row: Resource,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  { version, include, now, columns }: TableOptions,
): object {
  const shown = row.columns.length > 0 ? row.columns : DEFAULT_COLUMNS;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: columns ? shown.map(definition) : null,
    rows: objects.map((object) => ({
      cells: shown.map((column) => column.cell(object, now)),
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialOf(object, version) }),
    })),
  };
}

const definition = ({ name, type, format, description, priority }: Column): object => ({
  name,
  type,
  format: format ?? '',
  description,
  priority,
});

/** PartialObjectMetadata: the object's metadata and nothing else. */
export const partialOf = (object: KubeObject, version: string): KubeObject & { readonly kind: string } => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: object.metadata,
});

export const NAME_COLUMN_TEXT =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

export const CREATION_COLUMN_TEXT =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** Of kinds whose documentation is not at hand. */
export const NAME_COLUMN: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_COLUMN_TEXT,
  priority: 0,
  cell: (object) => object.metadata.name,
};

/** Kinds without a printer of their own (apiserver/pkg/registry/rest/table.go). */
const DEFAULT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  {
    name: 'Created At',
    type: 'date',
    description: CREATION_COLUMN_TEXT,
    priority: 0,
    cell: (object) => object.metadata.creationTimestamp ?? '<unknown>',
  },
];
