import type { Pod } from '../model/generated/objects.ts';
import { nodeAffinity, nodePorts, nodeResourcesFit, nodeUnschedulable, taintToleration } from './node-filters.ts';
import { interPodAffinity } from './pod-affinity.ts';
import type { Filter, Rejection } from './rejection.ts';
import { type NodeInfo, priorityOf, type Snapshot, withNode } from './snapshot.ts';
import { podTopologySpread } from './topology-spread.ts';
import { volumeBinding, volumeRestrictions, volumeZone } from './volume-binding.ts';

/** The default profile's filters in its order (apis/config/v1/default_plugins.go): the first that objects is the one that is told. */
const FILTERS: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  volumeBinding,
  volumeZone,
  podTopologySpread,
  interPodAffinity,
];

/**
 * Why a pod may not go to a node; undefined when it may. A node where a pod of no less importance was promised room has to do with
 * and without that pod (runtime/framework.go RunFilterPluginsWithNominatedPods).
 */
export function whyNot(pod: Pod, info: NodeInfo, snapshot: Snapshot): Rejection | undefined {
  const promised = (snapshot.nominated.get(info.node.metadata.name) ?? []).filter(
    (other) => other.metadata.uid !== pod.metadata.uid && priorityOf(other) >= priorityOf(pod),
  );
  if (promised.length > 0) {
    const crowded = { ...info, pods: [...info.pods, ...promised] };
    const rejection = firstOf(pod, crowded, withNode(snapshot, crowded));
    if (rejection !== undefined) return rejection;
  }
  return firstOf(pod, info, snapshot);
}

function firstOf(pod: Pod, info: NodeInfo, snapshot: Snapshot): Rejection | undefined {
  for (const filter of FILTERS) {
    const rejection = filter(pod, info, snapshot);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}
