import type { Resource } from '../resources/resource.ts';

/** Versions that upstream says to leave; their text comes with every answer (APILifecycleDeprecated of pkg/apis). */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  ['componentstatuses', 'v1 ComponentStatus is deprecated in v1.19+'],
]);

const custom = new WeakMap<Resource, string>();

/** Marks the row of a custom resource whose definition calls this version deprecated. */
export const setDeprecation = (row: Resource, warning: string): void => void custom.set(row, warning);

export const deprecationOf = (row: Resource): string | undefined =>
  row.group === '' ? BUILT_IN.get(row.plural) : custom.get(row);
