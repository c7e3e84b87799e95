import type { Resource } from '../../resources/resource.ts';

const byPath = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;

/** Every resource served now. Built-in rows are indexed once a process; custom ones come and go with their definitions. */
export class RowTable {
  readonly #builtIn: readonly Resource[];
  readonly #index: Index;
  #custom: readonly Resource[] = [];
  #all: readonly Resource[];

  constructor(builtIn: readonly Resource[]) {
    this.#builtIn = builtIn;
    this.#index = indexOf(builtIn);
    this.#all = builtIn;
  }

  /** The same frozen array until a custom row changes, so that discovery and OpenAPI can be cached by it. */
  get all(): readonly Resource[] {
    return this.#all;
  }

  setCustom(rows: readonly Resource[]): void {
    this.#custom = rows;
    this.#all = rows.length === 0 ? this.#builtIn : Object.freeze([...this.#builtIn, ...rows]);
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return (
      this.#index.byPath.get(byPath(group, version, plural)) ??
      this.#custom.find((row) => row.plural === plural && row.group === group && row.version === version)
    );
  }

  /** The first row of that group and plural: the preferred version comes first in the table. */
  byPlural(plural: string, group: string): Resource | undefined {
    return (
      this.#index.byGroup.get(group)?.get(plural) ??
      this.#custom.find((row) => row.plural === plural && row.group === group)
    );
  }

  byKind(apiVersion: string, kind: string): Resource | undefined {
    return (
      this.#index.byVersion.get(apiVersion)?.get(kind) ??
      this.#custom.find((row) => row.kind === kind && apiVersionOf(row) === apiVersion)
    );
  }

  /** The row whose version is stored, through which every write of a converted version goes. */
  storedFor(row: Resource): Resource {
    if (!row.conversion) return row;
    return this.#builtIn.find((other) => other.storagePrefix === row.storagePrefix && !other.conversion) ?? row;
  }

  /** Whether the server itself, not a definition, brings that group version. */
  isBuiltIn(group: string, version: string): boolean {
    return this.#builtIn.some((row) => row.group === group && row.version === version);
  }
}

type Nested = ReadonlyMap<string, ReadonlyMap<string, Resource>>;

interface Index {
  readonly byPath: ReadonlyMap<string, Resource>;
  /** By group, then plural. */
  readonly byGroup: Nested;
  /** By apiVersion, then kind. */
  readonly byVersion: Nested;
}

const indexes = new WeakMap<readonly Resource[], Index>();

function indexOf(rows: readonly Resource[]): Index {
  let index = indexes.get(rows);
  if (!index) {
    index = {
      byPath: new Map(rows.map((row) => [byPath(row.group, row.version, row.plural), row])),
      byGroup: nested(rows, (row) => [row.group, row.plural]),
      byVersion: nested(rows, (row) => [apiVersionOf(row), row.kind]),
    };
    indexes.set(rows, index);
  }
  return index;
}

/** The first row of each pair of keys. */
function nested(rows: readonly Resource[], keys: (row: Resource) => readonly [string, string]): Nested {
  const outer = new Map<string, Map<string, Resource>>();
  for (const row of rows) {
    const [first, second] = keys(row);
    const inner = outer.get(first) ?? new Map<string, Resource>();
    if (!inner.has(second)) inner.set(second, row);
    outer.set(first, inner);
  }
  return outer;
}

/** `v1`, `apps/v1` */
export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group === '' ? version : `${group}/${version}`;

/** The part of the etcd key behind the row's prefix. */
export const keyOf = (row: Resource, namespace: string, name: string): string =>
  row.namespaced ? `${namespace}/${name}` : name;
