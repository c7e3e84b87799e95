import { SYSTEM_USER } from '../authentication/user.ts';
import type { Registry, WriteContext } from '../apiserver/registry/context.ts';
import { create } from '../apiserver/registry/create.ts';
import { remove } from '../apiserver/registry/delete.ts';
import { keyOf } from '../apiserver/registry/rows.ts';
import { update } from '../apiserver/registry/update.ts';
import { asServed, asStored, isStoredAs } from '../apiserver/registry/convert.ts';
import { cloneJson, type KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import { ApiError } from '../status.ts';
import type { Cluster, DeleteOptions, StoreEvent, WriteOptions } from './cluster.ts';

/** The cluster as its own parts use it: the same registry as behind HTTP, without authentication and authorization. */
export class InProcessCluster implements Cluster {
  readonly #registry: () => Registry;

  /** Lazily, because the registry knows its cluster too. */
  constructor(registry: () => Registry) {
    this.#registry = registry;
  }

  get clock() {
    return this.#registry().clock;
  }

  resources(): readonly Resource[] {
    return this.#registry().rows.all;
  }

  resource(plural: string, group = ''): Resource {
    const row = this.#registry().rows.byPlural(plural, group);
    if (!row) throw new Error(`no resource ${plural} in group ${JSON.stringify(group)} is served`);
    return row;
  }

  resourceOfKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#registry().rows.byKind(apiVersion, kind);
  }

  get(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const object = this.#registry()
      .store.shelf(resource.storagePrefix)
      .get(keyOf(resource, namespace, name));
    return object && asServed(object, resource);
  }

  list(resource: Resource, namespace?: string): readonly KubeObject[] {
    const prefix = resource.namespaced && namespace !== undefined ? `${namespace}/` : '';
    const objects = this.#registry().store.shelf(resource.storagePrefix).list(prefix);
    return isStoredAs(resource) ? objects : objects.map((object) => asServed(object, resource));
  }

  watch(resource: Resource, listener: (event: StoreEvent) => void): Disposable {
    return this.#registry().store.shelf(resource.storagePrefix).listen(listener);
  }

  async create(resource: Resource, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const registry = this.#registry();
    const stored = registry.rows.storedFor(resource);
    const draft = asStored(cloneJson(object), resource, stored);
    const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : '';
    return asServed(await create(registry, stored, namespace, draft, contextOf(options, 'CreateOptions')), resource);
  }

  async update(resource: Resource, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const registry = this.#registry();
    const stored = registry.rows.storedFor(resource);
    const updated = await update(registry, {
      row: stored,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      context: contextOf(options, 'UpdateOptions'),
      change: () => asStored(cloneJson(object), resource, stored),
      mayCreate: false,
    });
    return asServed(updated.object, resource);
  }

  async modify(
    resource: Resource,
    key: { namespace: string; name: string },
    change: (draft: KubeObject) => boolean | void,
    options: WriteOptions = {},
  ): Promise<KubeObject | undefined> {
    const registry = this.#registry();
    const stored = registry.rows.storedFor(resource);
    try {
      const { object } = await update(registry, {
        row: stored,
        namespace: key.namespace,
        name: key.name,
        context: contextOf(options, 'UpdateOptions'),
        change: (live) => {
          if (!live) return undefined;
          const draft = cloneJson(asServed(live, resource));
          return change(draft) === false ? undefined : asStored(draft, resource, stored);
        },
        mayCreate: false,
        retry: true,
      });
      return asServed(object, resource);
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return undefined;
      throw error;
    }
  }

  async delete(resource: Resource, namespace: string, name: string, options: DeleteOptions = {}): Promise<void> {
    const { user, ...deletion } = options;
    const context = contextOf(user ? { user } : {}, 'DeleteOptions');
    try {
      await remove(this.#registry(), this.#registry().rows.storedFor(resource), { namespace, name }, deletion, {
        ...context,
        options: { ...context.options, ...deletion },
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
    }
  }
}

function contextOf(options: WriteOptions, kind: string): WriteContext {
  return {
    user: options.user ?? SYSTEM_USER,
    fieldManager: options.fieldManager ?? 'kube-controller-manager',
    dryRun: options.dryRun ?? false,
    options: { kind, apiVersion: 'meta.k8s.io/v1', ...(options.dryRun ? { dryRun: ['All'] } : {}) },
    subresource: options.subresource ?? '',
    warn: () => {},
    annotate: () => {},
  };
}
