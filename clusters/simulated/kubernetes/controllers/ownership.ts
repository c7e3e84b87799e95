import type { KubeObject, OwnerReference } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';

/** The reference that makes `owner` the one controller of what carries it (metav1.NewControllerRef). */
export const controllerReference = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);

/** What of a resource this object controls, in its namespace. */
export function controlledBy<T extends KubeObject>(cluster: Cluster, resource: Resource, owner: KubeObject): T[] {
  const found = cluster.list(resource, owner.metadata.namespace);
  return found.filter((object) => controllerOf(object)?.uid === owner.metadata.uid) as T[];
}
