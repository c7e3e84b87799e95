import { timestamp } from '../../../clock.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, badRequest, conflict, invalid, notFound } from '../../status.ts';
import { trackUpdate } from '../apply/track.ts';
import { admissionRequest } from './admission-request.ts';
import { canonical } from './canonical.ts';
import { strategyContext, type Registry, type WriteContext } from './context.ts';
import { create } from './create.ts';
import { holdsNamespace } from './delete.ts';
import { equal } from '../../model/equality.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata-validation.ts';
import { apiVersionOf, keyOf } from './rows.ts';
import { confineToSubresource } from './subresource-parts.ts';

const STALE = 'the object has been modified; please apply your changes to the latest version and try again';
/** A patch whose ground moved under it is tried again so often (endpoints/handlers/patch.go MaxRetryWhenPatchConflicts). */
const RETRIES = 5;

export interface Update {
  readonly row: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly context: WriteContext;
  /**
   * The wanted state, a draft that the registry may keep. Called again when the object changed meanwhile. `undefined` is given when
   * there is none and the resource, or an apply, may create one. Returning undefined leaves the object as it is.
   */
  readonly change: (live: KubeObject | undefined) => KubeObject | undefined | Promise<KubeObject | undefined>;
  /** Whether a missing object is created: an apply patch, or a resource with AllowCreateOnUpdate. */
  readonly mayCreate: boolean;
  /** True when `change` has settled managedFields itself (apply patch). */
  readonly tracked?: boolean;
  /** How admission sees objects where it is asked about another kind than is stored, and what it makes of them: a scale. */
  readonly shown?: {
    readonly of: (object: KubeObject) => KubeObject;
    readonly into: (draft: KubeObject, admitted: KubeObject) => void;
  };
  /** A patch retries on a conflict that the client did not ask for. */
  readonly retry?: boolean;
}

export interface Updated {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** PUT and PATCH: endpoints/handlers/{update,patch}.go, registry/rest/update.go and Store.Update of registry/generic/registry/store.go. */
export async function update(registry: Registry, wanted: Update): Promise<Updated> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await updateOnce(registry, wanted);
    } catch (error) {
      const retriable = error instanceof MovedGround && (attempt < RETRIES || !wanted.retry);
      if (!retriable) throw error instanceof MovedGround ? conflict(wanted.row, wanted.name, STALE) : error;
    }
  }
}

/** The object changed between reading and writing, through no fault of the client's. */
class MovedGround extends Error {}

async function updateOnce(registry: Registry, wanted: Update): Promise<Updated> {
  const { row, namespace, name, context, shown } = wanted;
  const key = keyOf(row, namespace, name);
  const shelf = registry.store.shelf(row.storagePrefix);
  const seen = shelf.entry(key);
  const live = shelf.get(key);
  if (!live) {
    if (!wanted.mayCreate) throw notFound(row, name);
    const draft = await wanted.change(undefined);
    if (!draft) throw notFound(row, name);
    if (draft.metadata.uid) {
      throw conflict(
        row,
        name,
        `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: `,
      );
    }
    return { object: await create(registry, row, namespace, draft, context, wanted.tracked), created: true };
  }
  // Awaited only where need be, as admission is: an update that nobody is asked about is made in one turn.
  const changed = wanted.change(live);
  const draft = changed instanceof Promise ? await changed : changed;
  if (!draft) return { object: live, created: false };
  draft.apiVersion = apiVersionOf(row);
  draft.kind = row.kind;
  checkIdentity(draft, wanted);
  row.strategy.defaults?.(draft);
  const now = timestamp(registry.clock);
  // A resize is not told which fields it resets: it owns even what it may not change (pod/strategy.go podResizeStrategy).
  if (context.subresource === 'resize') trackUpdate({ row, live, draft, context, now });
  confineToSubresource(draft, live, context.subresource);
  if (!wanted.tracked && context.subresource !== 'resize') trackUpdate({ row, live, draft, context, now });
  const request = admissionRequest({
    row,
    operation: 'UPDATE',
    namespace,
    name,
    object: shown?.of(draft) ?? draft,
    oldObject: shown?.of(live) ?? live,
    context,
  });
  if (registry.admission) {
    const mutated = registry.admission.mutate(request);
    if (mutated) await mutated;
    if (request.object) shown?.into(draft, request.object);
    row.strategy.defaults?.(draft);
  }
  checkVersion(draft, live, row, wanted);
  prepare(registry, row, draft, live, context);
  const errors = [
    ...validateMetadataUpdate(draft, live),
    ...validateMetadata(draft, row),
    ...(row.strategy.validateUpdate?.(draft, live, context.subresource) ?? row.strategy.validate?.(draft) ?? []),
  ];
  if (errors.length > 0) throw invalid(row, name, errors);
  if (context.subresource === '') for (const text of row.strategy.warnings?.(draft, live) ?? []) context.warn(text);
  const object = canonical(draft, row);
  const validated = registry.admission?.validate({ ...request, object: shown?.of(object) ?? object });
  if (validated) await validated;
  if (shelf.entry(key) !== seen) throw new MovedGround();
  object.metadata.resourceVersion = live.metadata.resourceVersion!;
  if (equal(object, live) && !shelf.isStale(key)) return { object: live, created: false };
  if (context.dryRun) return { object, created: false };
  if (object.metadata.deletionTimestamp && isFree(row, object) && !object.metadata.deletionGracePeriodSeconds) {
    return { object: registry.store.remove({ prefix: row.storagePrefix, key }, object), created: false };
  }
  return { object: registry.store.put({ prefix: row.storagePrefix, key }, object, live), created: false };
}

const isFree = (row: Resource, object: KubeObject): boolean =>
  (object.metadata.finalizers?.length ?? 0) === 0 && !holdsNamespace(row, object);

/** An object is the one that the URL names: it takes name and namespace from there, and may not say others. */
export function checkIdentity(
  draft: KubeObject,
  { row, name, namespace }: Pick<Update, 'row' | 'name' | 'namespace'>,
): void {
  const { metadata } = draft;
  metadata.name ||= name;
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (!row.namespaced) {
    delete metadata.namespace;
    return;
  }
  metadata.namespace ||= namespace;
  if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** resourceVersion is a claim about what the client has seen; without one the write is unconditional where the kind allows it. */
function checkVersion(draft: KubeObject, live: KubeObject, row: Resource, wanted: Update): void {
  const claimed = draft.metadata.resourceVersion;
  if (claimed === undefined || claimed === '' || claimed === '0') {
    if (row.strategy.unconditionalUpdate === false && !wanted.tracked) {
      throw invalid(row, wanted.name, [
        {
          type: 'FieldValueInvalid',
          field: 'metadata.resourceVersion',
          message: 'Invalid value: 0: must be specified for an update',
        },
      ]);
    }
  } else if (!/^\d+$/.test(claimed)) {
    throw new ApiError(500, '', `strconv.ParseUint: parsing ${JSON.stringify(claimed)}: invalid syntax`);
  } else if (claimed !== live.metadata.resourceVersion) {
    throw conflict(row, wanted.name, STALE);
  }
  if (draft.metadata.uid && draft.metadata.uid !== live.metadata.uid && !wanted.retry) {
    throw conflict(
      row,
      wanted.name,
      `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: ${live.metadata.uid}`,
    );
  }
}

/** What rest.BeforeUpdate sets and resets. */
function prepare(registry: Registry, row: Resource, draft: KubeObject, live: KubeObject, context: WriteContext): void {
  const meta = draft.metadata;
  const old = live.metadata;
  meta.uid ??= old.uid!;
  meta.creationTimestamp ??= old.creationTimestamp!;
  if (old.generateName !== undefined && meta.generateName === undefined) meta.generateName = old.generateName;
  if (old.deletionTimestamp) meta.deletionTimestamp ??= old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined) {
    meta.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
  }
  if (old.generation === undefined) delete meta.generation;
  else meta.generation = old.generation;
  if (context.subresource === '' && row.subresources.some(({ name }) => name === 'status')) {
    if (live['status'] === undefined) delete draft['status'];
    else draft['status'] = live['status'];
  }
  row.strategy.prepareForUpdate?.(draft, live, strategyContext(registry, context));
  if (row.strategy.generation && context.subresource !== 'status' && !sameIntent(draft, live)) {
    meta.generation = (old.generation ?? 0) + 1;
  }
}

function sameIntent(a: KubeObject, b: KubeObject): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const field of fields) {
    if (field === 'metadata' || field === 'status') continue;
    if (!equal(a[field], b[field])) return false;
  }
  return true;
}
