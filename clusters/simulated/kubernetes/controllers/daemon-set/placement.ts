import type { DaemonSet, Node, Pod } from '../../model/generated/objects.ts';
import { scaledValue } from '../../model/intstr.ts';
import type { KubeObject } from '../../object.ts';
import { selectsNode } from '../../scheduler/node-selection.ts';
import { tolerates } from '../../scheduler/taints.ts';
import { podFrom } from '../pods.ts';

export const REVISION_LABEL = 'controller-revision-hash';
const GENERATION = 'pod-template-generation';

/** Tolerations that every daemon pod gets (daemon/util AddOrUpdateDaemonPodTolerations). */
const TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
].map((toleration) => ({ ...toleration, operator: 'Exists' }));
const NETWORK_UNAVAILABLE = {
  key: 'node.kubernetes.io/network-unavailable',
  effect: 'NoSchedule',
  operator: 'Exists',
};

const tolerationsOf = ({ spec }: DaemonSet): typeof TOLERATIONS =>
  spec.template.spec?.hostNetwork === true ? [...TOLERATIONS, NETWORK_UNAVAILABLE] : TOLERATIONS;

/** Whether a new daemon pod runs there, and whether one that runs there may stay (daemon_controller.go NodeShouldRunDaemonPod). */
export function belongsOn(set: DaemonSet, node: Node): { starts: boolean; stays: boolean } {
  const spec = set.spec.template.spec;
  if (spec === undefined || !selectsNode(spec, node)) return { starts: false, stays: false };
  const tolerations = [...(spec.tolerations ?? []), ...tolerationsOf(set)];
  const refused = (node.spec?.taints ?? []).filter((taint) => !tolerates(tolerations, taint));
  return {
    starts: refused.every(({ effect }) => effect === 'PreferNoSchedule'),
    stays: refused.every(({ effect }) => effect !== 'NoExecute'),
  };
}

/** The daemon pod for a node; the scheduler binds it there and nowhere else. */
export function daemonPod(set: DaemonSet, node: Node, hash: string): KubeObject {
  const pod = podFrom(set.spec.template, set);
  const generation = set.metadata.generation ?? 1;
  pod.metadata.labels = { ...pod.metadata.labels, [REVISION_LABEL]: hash, [GENERATION]: String(generation) };
  const { spec } = pod as Pod;
  spec.tolerations = [...(spec.tolerations ?? []), ...tolerationsOf(set)];
  const here = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name] }] };
  spec.affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [here] },
    },
  };
  return pod;
}

/** The node a daemon pod is meant for, before the scheduler has said so too (daemon/util GetTargetNodeName). */
export function targetNode({ spec }: Pod): string | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return spec.nodeName ?? required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0];
}

/** How many nodes may be without an available pod, and how many may have two, during an update (daemon/util). */
export function rollingLimits({ spec }: DaemonSet, nodes: number): { unavailable: number; surge: number } {
  const rolling = spec.updateStrategy?.rollingUpdate;
  const surge = scaledValue(rolling?.maxSurge ?? 0, nodes, 'up') ?? 0;
  const unavailable = scaledValue(rolling?.maxUnavailable ?? 1, nodes, 'up') ?? 1;
  return { surge, unavailable: surge === 0 ? Math.max(1, unavailable) : unavailable };
}
