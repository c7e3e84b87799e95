import { deepFreeze, type KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { apiVersionOf } from './rows.ts';

const converted = new WeakMap<KubeObject, Map<Resource, KubeObject>>();

/**
 * An object as the row's version shows it. Versions that share storage have the same fields here (conversion strategy None);
 * rows whose versions differ in shape carry a conversion of their own in `shapes`.
 */
export function asServed(object: KubeObject, row: Resource): KubeObject {
  const apiVersion = apiVersionOf(row);
  if (object.apiVersion === apiVersion && object.kind === row.kind) return object;
  const known = converted.get(object)?.get(row);
  if (known) return known;
  const { kind: _, apiVersion: from, ...rest } = object;
  const shape = SHAPES.get(`${from} → ${apiVersion} ${row.kind}`);
  const served = deepFreeze({ kind: row.kind, apiVersion, ...(shape ? shape(rest) : rest) } as KubeObject);
  const cache = converted.get(object) ?? new Map<Resource, KubeObject>();
  cache.set(row, served);
  converted.set(object, cache);
  return served;
}

type Fields = Record<string, unknown>;

const renamed = (fields: Fields, names: Readonly<Record<string, string>>): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [names[name] ?? name, value]),
  );

/** events.k8s.io calls the fields of a core Event by other names (pkg/apis/events/v1/conversion.go). */
const EVENT_NAMES = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};
const CORE_EVENT_NAMES = Object.fromEntries(Object.entries(EVENT_NAMES).map(([core, other]) => [other, core]));

const SHAPES: ReadonlyMap<string, (fields: Fields) => Fields> = new Map([
  ['v1 → events.k8s.io/v1 Event', (fields: Fields) => renamed(fields, EVENT_NAMES)],
  ['events.k8s.io/v1 → v1 Event', (fields: Fields) => renamed(fields, CORE_EVENT_NAMES)],
]);
