import type { UserInfo } from '../../authentication/user.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { alreadyExists, badRequest, invalid } from '../../status.ts';
import { nameSuffix } from '../../randomness.ts';
import { timestamp } from '../../../clock.ts';
import { trackUpdate } from '../apply/track.ts';
import { admissionRequest } from './admission-request.ts';
import { canonical } from './canonical.ts';
import { strategyContext, type Registry, type WriteContext } from './context.ts';
import { validateMetadata } from './metadata-validation.ts';
import { apiVersionOf, keyOf } from './rows.ts';

/** Tries when a generated name is taken (registry/generic/registry/store.go, RetryGenerateName). */
const NAME_TRIES = 8;
/** A generated name is cut so that its random end fits (storage/names/generate.go: 63 − 5). */
const LONGEST_BASE = 58;

/**
 * POST: decoded draft in, stored object out, in the order of apiserver/pkg/endpoints/handlers/create.go and registry/rest/create.go.
 * `namespace` is the one of the URL, empty for cluster-scoped resources. The draft is the registry's from here on.
 */
export async function create(
  registry: Registry,
  row: Resource,
  namespace: string,
  draft: KubeObject,
  context: WriteContext,
  /** True when the draft's managedFields are settled (an apply that creates). */
  tracked = false,
): Promise<KubeObject> {
  const meta = draft.metadata;
  draft.apiVersion = apiVersionOf(row);
  draft.kind = row.kind;
  if (row.namespaced) {
    if (meta.namespace !== undefined && meta.namespace !== '' && meta.namespace !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    meta.namespace = namespace;
  } else {
    delete meta.namespace;
  }
  row.strategy.defaults?.(draft);
  if (!tracked) trackUpdate({ row, live: undefined, draft, context, now: timestamp(registry.clock) });
  // Admission sees the draft before the server fills in what only it may say.
  const request = admissionRequest({ row, operation: 'CREATE', namespace, name: meta.name, object: draft, context });
  if (registry.admission) {
    const mutated = registry.admission.mutate(request);
    if (mutated) await mutated;
    row.strategy.defaults?.(draft);
  }
  prepare(registry, row, draft, context);
  for (let attempt = 1; ; attempt++) {
    if (meta.generateName && (attempt > 1 || !meta.name)) {
      meta.name = meta.generateName.slice(0, LONGEST_BASE) + nameSuffix(registry.randomness);
    }
    if (attempt === 1) {
      const errors = [...validateMetadata(draft, row), ...(row.strategy.validate?.(draft) ?? [])];
      if (errors.length > 0) throw invalid(row, meta.name ?? '', errors);
      for (const text of row.strategy.warnings?.(draft, undefined) ?? []) context.warn(text);
    }
    const object = canonical(draft, row);
    const validated = attempt === 1 ? registry.admission?.validate({ ...request, object, name: meta.name }) : undefined;
    if (validated) await validated;
    const key = keyOf(row, namespace, meta.name);
    if (!registry.store.shelf(row.storagePrefix).entry(key)) {
      if (context.dryRun) delete object.metadata.resourceVersion;
      return context.dryRun ? object : registry.store.put({ prefix: row.storagePrefix, key }, object, undefined);
    }
    if (!meta.generateName || attempt === NAME_TRIES) throw alreadyExists(row, meta.name);
  }
}

/** What rest.BeforeCreate sets and resets. */
function prepare(registry: Registry, row: Resource, draft: KubeObject, context: WriteContext): void {
  const meta = draft.metadata;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  meta.resourceVersion = '0'; // keeps its place among the fields until the store says it
  const hasStatus = row.subresources.some(({ name }) => name === 'status');
  if (hasStatus && row.strategy.statusOnCreate !== true) delete draft['status'];
  if (row.strategy.generation) meta.generation = 1;
  meta.uid = registry.randomness.uuid();
  row.strategy.prepareForCreate?.(draft, strategyContext(registry, context));
  if (row.plural === 'certificatesigningrequests') signedBy(draft, context.user);
  meta.creationTimestamp = timestamp(registry.clock);
}

/** A certificate request says who asks; only the server may say it (pkg/registry/certificates/certificates/strategy.go). */
function signedBy(draft: KubeObject, { username, uid, groups, extra }: UserInfo): void {
  draft['spec'] = {
    ...(draft['spec'] as object),
    username,
    ...(uid === undefined ? { uid: undefined } : { uid }),
    groups: [...groups],
    extra: Object.keys(extra).length > 0 ? structuredClone(extra) : undefined,
  };
}
