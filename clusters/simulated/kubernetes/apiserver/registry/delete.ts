import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, conflict, notFound } from '../../status.ts';
import { admissionRequest } from './admission-request.ts';
import type { Registry, WriteContext } from './context.ts';
import { keyOf } from './rows.ts';

/** metav1.DeleteOptions as the registry reads it. */
export interface Deletion {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Deleted {
  /** The last state, or the state that waits for its end. */
  readonly object: KubeObject;
  /** False while grace or finalizers hold it. */
  readonly gone: boolean;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/**
 * DELETE: registry/rest/delete.go BeforeDelete (grace) and Store.Delete of registry/generic/registry/store.go (finalizers).
 * The garbage collector and the kubelet end what waits.
 */
export async function remove(
  registry: Registry,
  row: Resource,
  { namespace, name }: { namespace: string; name: string },
  options: Deletion,
  context: WriteContext,
): Promise<Deleted> {
  const key = keyOf(row, namespace, name);
  const shelf = registry.store.shelf(row.storagePrefix);
  const seen = shelf.get(key);
  if (!seen) throw notFound(row, name);
  const request = admissionRequest({ row, operation: 'DELETE', namespace, name, oldObject: seen, context });
  if (registry.admission) {
    await registry.admission.mutate(request);
    await registry.admission.validate(request);
  }
  const live = shelf.get(key);
  if (!live) throw notFound(row, name);
  checkPreconditions(row, name, live, options);

  if (row.strategy.holdDeletion && live.metadata.deletionTimestamp === undefined) {
    const held = structuredClone(live);
    held.metadata.deletionTimestamp = seconds(registry.clock.now());
    row.strategy.holdDeletion(held, held.metadata.deletionTimestamp);
    if (context.dryRun) return { object: held, gone: false };
    return { object: registry.store.put({ prefix: row.storagePrefix, key }, held, live), gone: false };
  }
  const grace = graceOf(row, live, options);
  const finalizers = finalizersAfter(live, options);
  const waits = grace > 0 || finalizers.length > 0 || holdsNamespace(row, live);
  if (!waits) {
    if (context.dryRun) return { object: live, gone: true };
    return { object: registry.store.remove({ prefix: row.storagePrefix, key }, live), gone: true };
  }
  const draft = structuredClone(live);
  const meta = draft.metadata;
  if (finalizers.length > 0) meta.finalizers = finalizers;
  else delete meta.finalizers;
  const since = meta.deletionTimestamp;
  const shorter = since !== undefined && grace < (meta.deletionGracePeriodSeconds ?? 0);
  if (since === undefined) {
    meta.deletionTimestamp = seconds(registry.clock.now() + grace * 1000);
    meta.deletionGracePeriodSeconds = grace;
    if (meta.generation !== undefined) meta.generation++;
  } else if (shorter) {
    // A second, shorter deletion moves the end forward.
    const asked = Date.parse(since) - (meta.deletionGracePeriodSeconds ?? 0) * 1000;
    meta.deletionTimestamp = seconds(Math.max(asked, registry.clock.now() - 1000) + grace * 1000);
    meta.deletionGracePeriodSeconds = grace;
  } else if (sameFinalizers(live, finalizers)) {
    return { object: live, gone: false };
  }
  if (row.plural === 'namespaces' && row.group === '')
    draft['status'] = { ...(live['status'] as object), phase: 'Terminating' };
  if (context.dryRun) return { object: draft, gone: false };
  return { object: registry.store.put({ prefix: row.storagePrefix, key }, draft, live), gone: false };
}

/** A namespace holds finalizers in its spec too, which the namespace controller takes away at the end. */
export const holdsNamespace = (row: Resource, object: KubeObject): boolean =>
  row.plural === 'namespaces' &&
  row.group === '' &&
  ((object['spec'] as { finalizers?: unknown[] } | undefined)?.finalizers?.length ?? 0) > 0;

function checkPreconditions(row: Resource, name: string, { metadata }: KubeObject, options: Deletion): void {
  const fail = (what: string, wanted: string, found: string | undefined): never => {
    throw conflict(
      row,
      name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`,
    );
  };
  if (options.uid !== undefined && options.uid !== metadata.uid) fail('UID', options.uid, metadata.uid);
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
    fail('ResourceVersion', options.resourceVersion, metadata.resourceVersion);
  }
}

/** A pod that no node has, or that has ended, needs no grace (podStrategy.CheckGracefulDelete). */
function nothingToStop(live: KubeObject): boolean {
  const { spec, status } = live as KubeObject & { spec?: { nodeName?: string }; status?: { phase?: string } };
  return !spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function graceOf(row: Resource, live: KubeObject, options: Deletion): number {
  const own = row.strategy.gracePeriodSeconds?.(live);
  if (own === undefined || nothingToStop(live)) return 0;
  // An unset or negative grace period means the object's own (BeforeDelete turns negative ones into 1).
  const asked = options.gracePeriodSeconds;
  if (asked === undefined || own === 0) return own;
  return asked < 0 ? 1 : asked;
}

/** deletionFinalizersForGarbageCollection: what the propagation policy adds to, or takes from, the finalizers. */
function finalizersAfter(live: KubeObject, options: Deletion): string[] {
  const had = live.metadata.finalizers ?? [];
  const others = had.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (options.orphanDependents !== undefined) return options.orphanDependents ? [...others, ORPHAN] : others;
  switch (options.propagationPolicy) {
    case undefined:
      return had.slice();
    case 'Orphan':
      return [...others, ORPHAN];
    case 'Foreground':
      return [...others, FOREGROUND];
    case 'Background':
      return others;
    default:
      throw new ApiError(
        422,
        'Invalid',
        `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(options.propagationPolicy)}: supported values: "Background", "Foreground", "Orphan"`,
      );
  }
}

const sameFinalizers = (live: KubeObject, finalizers: readonly string[]): boolean =>
  JSON.stringify(live.metadata.finalizers ?? []) === JSON.stringify(finalizers);

const seconds = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
