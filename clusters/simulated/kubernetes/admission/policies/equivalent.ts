import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** Other versions, or groups, under which the same objects are served with the same subresource (apimachinery/pkg/runtime EquivalentResourceMapper). */
export const equivalentsOf = ({ resource, subresource }: AdmissionRequest, cluster: Cluster): readonly Resource[] =>
  cluster
    .resources()
    .filter(
      (other) =>
        other !== resource &&
        other.storagePrefix === resource.storagePrefix &&
        (subresource === '' || other.subresources.some(({ name }) => name === subresource)),
    );

/** An object of one row as another one of the same objects shows it. */
function converted(object: KubeObject, from: Resource, to: Resource): KubeObject {
  const stored = from.conversion ? from.conversion.toStorage(object) : object;
  if (to.conversion) return to.conversion.fromStorage(stored);
  return { ...stored, apiVersion: to.group === '' ? to.version : `${to.group}/${to.version}`, kind: to.kind };
}

/** The request as a rule for another version wants to see it. Objects of a subresource's own kind stay as they are. */
export function asMatched(request: AdmissionRequest, row: Resource): AdmissionRequest {
  const { resource, object, oldObject } = request;
  if (row === resource) return request;
  const show = (shown: KubeObject | undefined): KubeObject | undefined =>
    shown === undefined || shown.kind !== resource.kind ? shown : converted(structuredClone(shown), resource, row);
  return { ...request, resource: row, requested: resource, object: show(object), oldObject: show(oldObject) };
}

/** Writes what became of the object that `asMatched` showed back into the request's own. */
export function takeBack(request: AdmissionRequest, shown: AdmissionRequest): void {
  const { object, resource } = request;
  if (shown === request || object === undefined || shown.object === undefined) return;
  const back =
    shown.object === object || shown.object.kind !== shown.resource.kind
      ? shown.object
      : converted(shown.object, shown.resource, resource);
  for (const field of Object.keys(object)) if (!(field in back)) delete object[field];
  Object.assign(object, back);
}
