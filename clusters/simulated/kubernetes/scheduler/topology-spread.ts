import type { Node, Pod, TopologySpreadConstraint } from '../model/generated/objects.ts';
import { matchesLabelSelector } from '../model/labels.ts';
import { selectsNode } from './node-selection.ts';
import { type Filter, forGood, forNow } from './rejection.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';
import { tolerates } from './taints.ts';

const NO_MATCH = "node(s) didn't match pod topology spread constraints";

/** plugins/podtopologyspread/filtering.go: the constraints that say `DoNotSchedule`. */
export const podTopologySpread: Filter = (pod, { node }, snapshot) => {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule',
  );
  for (const constraint of constraints) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return forGood(`${NO_MATCH} (missing required label)`);
    const counts = countByDomain(constraint, constraints, pod, snapshot);
    const fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const itself = isCounted(constraint, pod, pod) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + itself - fewest > constraint.maxSkew) return forNow(NO_MATCH);
  }
  return undefined;
};

/** How many pods each domain has that the constraint counts, over nodes that have every topology label and that it includes. */
function countByDomain(
  constraint: TopologySpreadConstraint,
  all: readonly TopologySpreadConstraint[],
  pod: Pod,
  snapshot: Snapshot,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const info of snapshot.nodes) {
    const labels = info.node.metadata.labels ?? {};
    const domain = labels[constraint.topologyKey];
    if (domain === undefined || all.some(({ topologyKey }) => labels[topologyKey] === undefined)) continue;
    if (!includesNode(constraint, pod, info.node)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + countOn(constraint, pod, info));
  }
  return counts;
}

/** podtopologyspread/common.go matchNodeInclusionPolicies. */
export const includesNode = (
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
  { spec }: Pod,
  node: Node,
): boolean =>
  (nodeAffinityPolicy !== 'Honor' || selectsNode(spec, node)) &&
  (nodeTaintsPolicy !== 'Honor' ||
    (node.spec?.taints ?? []).every(
      (taint) => taint.effect === 'PreferNoSchedule' || tolerates(spec.tolerations ?? [], taint),
    ));

/** The pods of a node that the constraint of `pod` counts; ones that are being deleted do not. */
export const countOn = (constraint: TopologySpreadConstraint, pod: Pod, { pods }: NodeInfo): number =>
  pods.filter((other) => other.metadata.deletionTimestamp === undefined && isCounted(constraint, pod, other)).length;

function isCounted({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod, other: Pod): boolean {
  const isSame = (key: string): boolean => pod.metadata.labels?.[key] === other.metadata.labels?.[key];
  return (
    other.metadata.namespace === pod.metadata.namespace &&
    matchesLabelSelector(labelSelector, other.metadata.labels) &&
    matchLabelKeys.filter((key) => pod.metadata.labels?.[key] !== undefined).every(isSame)
  );
}
