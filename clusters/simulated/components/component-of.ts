import { findImage, parseReference, tableName } from '../images/image.ts';
import { IMAGES } from '../images/table.ts';
import { CLUSTER_PLAN } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';

const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/**
 * The program of the control plane that a static pod is: the name of its container, unless that runs another image. Undefined for any
 * other pod.
 */
export function componentOf({ spec }: Pick<Pod, 'spec'>): string | undefined {
  const [container] = spec.containers ?? [];
  const name = COMPONENTS.find((one) => one === container?.name);
  const isHere = CLUSTER_PLAN.nodes.some((node) => node.isControlPlane && node.name === spec.nodeName);
  if (name === undefined || !isHere) return undefined;
  const image = container?.image ?? '';
  const reference = parseReference(image);
  const isIts = reference !== undefined && tableName(reference).split('/').at(-1) === name;
  return isIts || findImage(IMAGES, image) === undefined ? name : undefined;
}
