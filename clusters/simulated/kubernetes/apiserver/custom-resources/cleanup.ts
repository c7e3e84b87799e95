import { timestamp } from '../../../clock.ts';
import { SYSTEM_USER } from '../../authentication/user.ts';
import { CLEANUP, terminating, withCondition } from '../../resources/custom/conditions.ts';
import type { Registry } from '../registry/context.ts';
import { storagePrefix, type Definition } from './definition.ts';

const underWay = new WeakMap<Registry, Set<string>>();

export const awaitsCleanup = ({ metadata }: Definition): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLEANUP) ?? false);

/**
 * A definition that is deleted takes its objects along, each with its own finalizers, and goes when none is left
 * (apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go).
 */
export async function cleanUp(registry: Registry, definition: Definition): Promise<void> {
  const { name } = definition.metadata;
  const own = underWay.get(registry) ?? new Set();
  underWay.set(registry, own);
  if (own.has(name)) return;
  own.add(name);
  try {
    await say(registry, name, 'inProgress');
    await deleteInstances(registry, definition);
    await say(registry, name, 'completed');
    await change(registry, name, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP);
    });
  } catch {
    // Gone or changed meanwhile: the event of that change comes here again.
  } finally {
    own.delete(name);
  }
}

async function deleteInstances(registry: Registry, { spec }: Definition): Promise<void> {
  const prefix = storagePrefix(spec.group, spec.names.plural);
  const shelf = registry.store.shelf(prefix);
  const row = registry.rows.byPlural(spec.names.plural, spec.group);
  const gone = Promise.withResolvers<void>();
  using _ = shelf.listen(() => {
    if (shelf.keys('').length === 0) gone.resolve();
  });
  for (const object of shelf.list('').slice()) {
    const { namespace = '', name } = object.metadata;
    // Of what is served no more nobody could take away finalizers.
    if (row) await registry.cluster.delete(row, namespace, name, { user: SYSTEM_USER });
  }
  if (!row) for (const key of shelf.keys('').slice()) registry.store.remove({ prefix, key }, shelf.get(key)!);
  if (shelf.keys('').length > 0) await gone.promise;
}

const say = (registry: Registry, name: string, stage: Parameters<typeof terminating>[0]): Promise<void> =>
  change(
    registry,
    name,
    ({ status }) => {
      if (status) status.conditions = withCondition(status.conditions, terminating(stage, timestamp(registry.clock)));
    },
    'status',
  );

async function change(
  registry: Registry,
  name: string,
  edit: (definition: Definition) => void,
  subresource?: 'status',
): Promise<void> {
  const row = registry.rows.byPlural('customresourcedefinitions', 'apiextensions.k8s.io');
  if (!row) return;
  await registry.cluster.modify(row, { namespace: '', name }, (draft) => edit(draft as Definition), {
    user: SYSTEM_USER,
    fieldManager: 'kube-apiserver',
    ...(subresource === undefined ? {} : { subresource }),
  });
}
