import { type LabelSelectorValue, matchesLabelSelector } from '../model/labels.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster, StoreEvent } from '../store/cluster.ts';
import type { Watch } from './controller.ts';
import { keyOf } from './controller.ts';
import { controllerOf, controllerReference } from './ownership.ts';
import { WRITING } from './status.ts';

/** The selector of a workload; that of a ReplicationController is a plain map. */
export function selectorOf(owner: KubeObject): LabelSelectorValue | undefined {
  const { selector } = (owner['spec'] ?? {}) as { selector?: LabelSelectorValue | Record<string, string> };
  if (selector === undefined || owner.kind !== 'ReplicationController') return selector;
  return { matchLabels: selector as Record<string, string> };
}

/** Whether the labels match; a workload without a selector, or with an empty one, selects nothing. */
export function selects(owner: KubeObject, labels: Readonly<Record<string, string>> | undefined): boolean {
  const selector = selectorOf(owner);
  if (selector === undefined) return false;
  const isEmpty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  return !isEmpty && matchesLabelSelector(selector, labels ?? {});
}

/**
 * What the owner controls of a resource, after it has adopted what matches its selector and has no controller, and released what it
 * controls but no longer selects (pkg/controller/controller_ref_manager.go). An owner that is being deleted adopts nothing.
 */
export async function claim<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  owner: KubeObject,
): Promise<T[]> {
  const claimed: KubeObject[] = [];
  for (const object of cluster.list(resource, owner.metadata.namespace)) {
    const controller = controllerOf(object);
    const matches = selects(owner, object.metadata.labels);
    if (controller?.uid === owner.metadata.uid) {
      if (matches || owner.metadata.deletionTimestamp !== undefined) claimed.push(object);
      else await release(cluster, resource, object, owner);
    } else if (controller === undefined && matches && isFree(object) && isFree(owner)) {
      const adopted = await adopt(cluster, resource, object, owner);
      if (adopted !== undefined) claimed.push(adopted);
    }
  }
  return claimed as T[];
}

const isFree = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp === undefined;

function adopt(
  cluster: Cluster,
  resource: Resource,
  object: KubeObject,
  owner: KubeObject,
): Promise<KubeObject | undefined> {
  const { namespace = '', name } = object.metadata;
  const take = (draft: KubeObject): boolean => {
    if (controllerOf(draft) !== undefined) return false;
    draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), controllerReference(owner)];
    return true;
  };
  return cluster.modify(resource, { namespace, name }, take, WRITING);
}

async function release(cluster: Cluster, resource: Resource, object: KubeObject, owner: KubeObject): Promise<void> {
  const { namespace = '', name } = object.metadata;
  const letGo = (draft: KubeObject): void => {
    const others = (draft.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
    if (others.length > 0) draft.metadata.ownerReferences = others;
    else delete draft.metadata.ownerReferences;
  };
  await cluster.modify(resource, { namespace, name }, letGo, WRITING);
}

/** Watches what owners of that resource control, and what has no controller but is selected by one. */
export function watchClaimed(cluster: Cluster, resource: Resource, owners: Resource): Watch {
  const ownersOf = (state: KubeObject | undefined): string[] => {
    if (state === undefined) return [];
    const controller = controllerOf(state);
    const namespace = state.metadata.namespace ?? '';
    if (controller !== undefined) return controller.kind === owners.kind ? [`${namespace}/${controller.name}`] : [];
    const selecting = cluster.list(owners, namespace).filter((owner) => selects(owner, state.metadata.labels));
    return selecting.map(keyOf);
  };
  return {
    resource,
    keys: ({ type, object, old }: StoreEvent) => [
      ...(type === 'DELETED' && controllerOf(object) === undefined ? [] : ownersOf(object)),
      ...(old === undefined || controllerOf(old) === undefined ? [] : ownersOf(old)),
    ],
  };
}
