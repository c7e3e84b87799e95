import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster, StoreEvent } from '../store/cluster.ts';
import type { Controller, Watch } from './controller.ts';
import type { EventRecorder } from './events.ts';

/** One row of each resource that can be deleted: what is stored, seen in the version it is stored in. */
const isCollected = ({ verbs, conversion }: Resource): boolean => verbs.includes('delete') && conversion === undefined;
const isCustom = ({ type }: Resource): boolean => type === '';

/**
 * pkg/controller/garbagecollector: deletes what no longer has any of its owners, and lets a foreground deletion end once
 * nothing that blocks it is left; custom resources too, from when their definition comes. Keys are uids: of owners that went, and of
 * owners that wait.
 */
export function garbageCollector(cluster: Cluster, record: EventRecorder): Controller {
  const collected = (): readonly Resource[] => cluster.resources().filter(isCollected);
  const rowOf = (object: KubeObject): Resource | undefined => cluster.resourceOfKind(object.apiVersion, object.kind);

  function keys({ type, object, old }: StoreEvent): readonly string[] {
    const owners = (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
    const { uid = '', deletionTimestamp } = object.metadata;
    if (type === 'DELETED') return [uid, ...owners];
    if (deletionTimestamp !== undefined) return [uid];
    // An owner that was never there counts as gone, so each is looked for when it is first named.
    const before = old?.metadata.ownerReferences;
    const named = owners.filter((owner) => before?.some((known) => known.uid === owner) !== true);
    return named.filter((owner) => !isAlive(owner, object));
  }

  function dependents(uid: string): { resource: Resource; object: KubeObject }[] {
    return collected().flatMap((resource) =>
      cluster
        .list(resource)
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
        .map((object) => ({ resource, object })),
    );
  }

  function findOwner(uid: string, dependent: KubeObject): KubeObject | undefined {
    const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === uid);
    const row = reference === undefined ? undefined : cluster.resourceOfKind(reference.apiVersion, reference.kind);
    if (row === undefined || reference === undefined) return undefined;
    const found = cluster.get(row, row.namespaced ? (dependent.metadata.namespace ?? '') : '', reference.name);
    return found?.metadata.uid === uid ? found : undefined;
  }

  /** Whether the owner is there and stays, so that there is nothing to collect. */
  const isAlive = (uid: string, dependent: KubeObject): boolean => {
    const owner = findOwner(uid, dependent);
    return owner !== undefined && owner.metadata.deletionTimestamp === undefined;
  };

  const isServed = (uid: string, dependent: KubeObject): boolean => {
    const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === uid);
    return reference !== undefined && cluster.resourceOfKind(reference.apiVersion, reference.kind) !== undefined;
  };

  /** An owner that is there, but not where the reference can mean it (graph_builder.go reportInvalidNamespaceOwnerRef). */
  async function tellOfElsewhere(uid: string, dependent: KubeObject): Promise<void> {
    const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === uid);
    const row = reference === undefined ? undefined : cluster.resourceOfKind(reference.apiVersion, reference.kind);
    if (reference === undefined || row?.namespaced !== true) return;
    if (!cluster.list(row).some(({ metadata }) => metadata.uid === uid)) return;
    const { namespace = '' } = dependent.metadata;
    const { apiVersion, kind, name } = reference;
    const message =
      `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] ` +
      `does not exist in namespace "${namespace}"`;
    const reason = 'OwnerRefInvalidNamespace';
    await record({ about: dependent, type: 'Warning', reason, message, component: 'garbage-collector-controller' });
  }

  async function release(owner: KubeObject, waiting: number): Promise<void> {
    const row = rowOf(owner);
    if (row === undefined || waiting > 0) return;
    const key = { namespace: owner.metadata.namespace ?? '', name: owner.metadata.name };
    await cluster.modify(row, key, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter(
        (finalizer) => finalizer !== 'foregroundDeletion',
      );
    });
  }

  return {
    name: 'garbage-collector',
    watches: collected()
      .filter((resource) => !isCustom(resource))
      .map((resource): Watch => ({ resource, keys })),
    pokes: (look) =>
      watchCustomResources(cluster, (event) => {
        for (const key of keys(event)) look(key);
      }),
    async reconcile(uid) {
      const owned = dependents(uid);
      let owner: KubeObject | undefined;
      for (const { resource, object } of owned) {
        owner = findOwner(uid, object);
        const finalizers = owner?.metadata.finalizers ?? [];
        const { namespace = '', name, ownerReferences = [] } = object.metadata;
        if (finalizers.includes('orphan')) {
          await cluster.modify(resource, { namespace, name }, (draft) => {
            draft.metadata.ownerReferences = (draft.metadata.ownerReferences ?? []).filter(
              (reference) => reference.uid !== uid,
            );
          });
          continue;
        }
        if (owner === undefined) await tellOfElsewhere(uid, object);
        const goes = owner === undefined ? isServed(uid, object) : finalizers.includes('foregroundDeletion');
        if (!goes || object.metadata.deletionTimestamp !== undefined) continue;
        if (ownerReferences.some((other) => other.uid !== uid && findOwner(other.uid, object) !== undefined)) continue;
        await cluster.delete(resource, namespace, name, {
          propagationPolicy: owner === undefined ? 'Background' : 'Foreground',
          ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
        });
      }
      const waiting = owner ?? waitingOwner(uid);
      if (waiting?.metadata.deletionTimestamp === undefined) return;
      const finalizers = waiting.metadata.finalizers ?? [];
      if (finalizers.includes('foregroundDeletion')) {
        await release(waiting, dependents(uid).filter(({ object }) => blocks(object, uid)).length);
      } else if (finalizers.includes('orphan')) {
        const row = rowOf(waiting);
        if (row === undefined) return;
        const key = { namespace: waiting.metadata.namespace ?? '', name: waiting.metadata.name };
        await cluster.modify(row, key, (draft) => {
          draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== 'orphan');
        });
      }
    },
  };

  /** An owner without dependents that waits all the same. */
  function waitingOwner(uid: string): KubeObject | undefined {
    for (const resource of collected()) {
      const found = cluster.list(resource).find(({ metadata }) => metadata.uid === uid);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const blocks = ({ metadata }: KubeObject, uid: string): boolean =>
  (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);

/** Tells of every custom object there is and of its changes, whichever definitions come and go (garbagecollector.go, Sync). */
function watchCustomResources(cluster: Cluster, hear: (event: StoreEvent) => void): Disposable {
  const watching = new Map<string, Disposable>();
  const follow = (): void => {
    const served = cluster.resources().filter((resource) => isCustom(resource) && isCollected(resource));
    const prefixes = new Set(served.map(({ storagePrefix }) => storagePrefix));
    for (const [prefix, watch] of watching) {
      if (prefixes.has(prefix)) continue;
      watch[Symbol.dispose]();
      watching.delete(prefix);
    }
    for (const resource of served) {
      if (watching.has(resource.storagePrefix)) continue;
      watching.set(resource.storagePrefix, cluster.watch(resource, hear));
      for (const object of cluster.list(resource)) hear({ type: 'ADDED', object, revision: 0 });
    }
  };
  follow();
  const definitions = cluster.watch(cluster.resource('customresourcedefinitions', 'apiextensions.k8s.io'), follow);
  return {
    [Symbol.dispose]() {
      definitions[Symbol.dispose]();
      for (const watch of watching.values()) watch[Symbol.dispose]();
    },
  };
}
