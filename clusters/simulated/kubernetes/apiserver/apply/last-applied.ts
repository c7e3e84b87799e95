import type { KubeObject } from '../../object.ts';
import { compare } from './compare.ts';
import { difference, emptySet, type FieldSet } from './field-set.ts';
import type { ServerSideApply } from './request.ts';
import { fieldsOf } from './typed-patch.ts';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
/** Only kubectl's own manager goes over from client-side apply without conflicts; another name opts out. */
const KUBECTL = 'kubectl';

/**
 * Fields that client-side apply has set and nobody changed since: `kubectl apply --server-side` may take them
 * (apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go).
 */
export function clientSideOwned({ live, row, manager }: ServerSideApply, owned: (field: string) => boolean): FieldSet {
  const text = live?.metadata.annotations?.[ANNOTATION];
  if (!live || manager !== KUBECTL || text === undefined) return emptySet();
  let applied: KubeObject;
  try {
    applied = JSON.parse(text) as KubeObject;
    applied.metadata ??= { name: live.metadata.name };
    const changed = compare(live, applied, row, owned);
    return difference(difference(fieldsOf(applied, row, owned), changed.modified), changed.added);
  } catch {
    return emptySet(); // a client may write anything there
  }
}

/** Keeps the annotation of client-side apply true after kubectl applied server-side (lastappliedupdater.go). */
export function syncLastApplied({ manager, configuration }: ServerSideApply, draft: KubeObject): void {
  if (manager !== KUBECTL || draft.metadata.annotations?.[ANNOTATION] === undefined) return;
  const applied = structuredClone(configuration);
  delete applied.metadata.managedFields;
  if (applied.metadata.annotations) {
    delete applied.metadata.annotations[ANNOTATION];
    if (Object.keys(applied.metadata.annotations).length === 0) delete applied.metadata.annotations;
  }
  draft.metadata.annotations[ANNOTATION] = `${JSON.stringify(sorted(applied))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, sorted(fields[name])]),
  );
}
