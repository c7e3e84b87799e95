import type { Pod, PodAffinityTerm, TopologySpreadConstraint } from '../model/generated/objects.ts';
import { sameDomain, termMatches } from './affinity-terms.ts';
import { termHolds } from './node-selection.ts';
import { add, amounts, likelyRequests, NOTHING } from './requests.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';
import { tolerates } from './taints.ts';
import { countOn, includesNode } from './topology-spread.ts';

/** Labels of the pods that belong together with one, so that they are spread where nothing else is said. */
export type Siblings = Pick<TopologySpreadConstraint, 'labelSelector'>;

const MOST = 100;
const HOSTNAME = 'kubernetes.io/hostname';

/** One of the default profile's scores: for each node from 0 to a hundred. */
type Score = (pod: Pod, nodes: readonly NodeInfo[], snapshot: Snapshot, siblings: Siblings | undefined) => number[];

/** The nodes with the sum of the default profile's scores, the best first; of equals the one with fewer pods, then by name. */
export function ranked(
  pod: Pod,
  nodes: readonly NodeInfo[],
  snapshot: Snapshot,
  siblings: Siblings | undefined,
): readonly NodeInfo[] {
  const [only] = nodes;
  if (only === undefined || nodes.length === 1) return nodes;
  const totals = nodes.map(() => 0);
  for (const [score, weight] of SCORES) {
    for (const [at, points] of score(pod, nodes, snapshot, siblings).entries()) {
      totals[at] = (totals[at] ?? 0) + weight * points;
    }
  }
  return nodes
    .map((info, at) => ({ info, total: totals[at] ?? 0 }))
    .sort(
      (a, b) =>
        b.total - a.total ||
        a.info.pods.length - b.info.pods.length ||
        a.info.node.metadata.name.localeCompare(b.info.node.metadata.name),
    )
    .map(({ info }) => info);
}

/** plugins/tainttoleration: the fewer taints that only advise, the better. */
const taints: Score = ({ spec }, nodes) =>
  reversed(
    nodes.map(
      ({ node }) =>
        (node.spec?.taints ?? []).filter(
          (taint) => taint.effect === 'PreferNoSchedule' && !tolerates(spec.tolerations ?? [], taint),
        ).length,
    ),
  );

/** plugins/nodeaffinity: the weights of the preferred terms that hold. */
const preferredNodes: Score = ({ spec }, nodes) => {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return stretched(
    nodes.map(({ node }) =>
      sum(terms.filter(({ preference }) => termHolds(preference, node)).map(({ weight }) => weight)),
    ),
  );
};

/** Shares of processor and memory that would be in use (noderesources/resource_allocation.go). */
function usage(pod: Pod, { node, pods }: NodeInfo): number[] {
  const room = amounts(node.status?.allocatable);
  const used = [...pods, pod].map(likelyRequests).reduce(add, NOTHING);
  return ['cpu', 'memory'].map((resource) => Math.min(1, (used.get(resource) ?? 0) / (room.get(resource) ?? 1)));
}

/** plugins/noderesources: LeastAllocated, and how evenly both would be used. */
const leastAllocated: Score = (pod, nodes) =>
  nodes.map((info) => Math.floor(sum(usage(pod, info).map((share) => (1 - share) * MOST)) / 2));
const balanced: Score = (pod, nodes) =>
  nodes.map((info) => {
    const [processor = 0, memory = 0] = usage(pod, info);
    return Math.floor((1 - Math.abs(processor - memory) / 2) * MOST);
  });

/** What the default profile asks for where a pod has no constraints of its own (podtopologyspread/plugin.go). */
const USUAL_SPREAD: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** plugins/podtopologyspread/scoring.go: the fewer of its like in the domain, the better. */
const spread: Score = (pod, nodes, snapshot, siblings) => {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const constraints =
    own.length > 0
      ? own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
      : siblings === undefined
        ? []
        : USUAL_SPREAD.map((constraint) => ({ ...constraint, ...siblings }));
  if (constraints.length === 0) return nodes.map(() => 0);
  const isScored = ({ node }: NodeInfo): boolean =>
    own.length === 0 || constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
  const crowds = nodes.map((info) =>
    Math.round(
      sum(
        constraints.map((constraint) => {
          const key = constraint.topologyKey;
          if (info.node.metadata.labels?.[key] === undefined) return 0;
          const domain = snapshot.nodes.filter(
            (other) => sameDomain(key, other, info) && includesNode(constraint, pod, other.node),
          );
          const domains = new Set(nodes.filter(isScored).map(({ node }) => node.metadata.labels?.[key])).size;
          const count = sum(domain.map((other) => countOn(constraint, pod, other)));
          return count * Math.log(domains + 2) + (constraint.maxSkew - 1);
        }),
      ),
    ),
  );
  const scored = crowds.filter((_, at) => isScored(nodes[at] as NodeInfo));
  const [most, least] = [Math.max(0, ...scored), Math.min(...scored)];
  return crowds.map((crowd, at) => {
    if (!isScored(nodes[at] as NodeInfo)) return 0;
    return most === 0 ? MOST : Math.floor((MOST * (most + least - crowd)) / most);
  });
};

/** plugins/interpodaffinity/scoring.go: whom the pod would like near or far, and who would like it so. */
const neighbours: Score = (pod, nodes, snapshot) => {
  const pull = (
    term: PodAffinityTerm,
    owner: Pod,
    other: Pod,
    home: NodeInfo,
    weight: number,
    info: NodeInfo,
  ): number => (sameDomain(term.topologyKey, home, info) && termMatches(term, owner, other, snapshot) ? weight : 0);
  const wishes = ({ spec }: Pod, hard: boolean): { term: PodAffinityTerm; weight: number }[] => [
    ...(spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight }),
    ),
    ...(spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: -weight }),
    ),
    ...(hard ? (spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) : []).map((term) => ({
      term,
      weight: HARD_AFFINITY_WEIGHT,
    })),
  ];
  const points = nodes.map((info) =>
    sum(
      snapshot.nodes.flatMap((home) =>
        home.pods.flatMap((other) => [
          ...wishes(pod, false).map(({ term, weight }) => pull(term, pod, other, home, weight, info)),
          ...wishes(other, true).map(({ term, weight }) => pull(term, other, pod, home, weight, info)),
        ]),
      ),
    ),
  );
  const [most, least] = [Math.max(0, ...points), Math.min(0, ...points)];
  return points.map((point) => (most === least ? 0 : Math.floor((MOST * (point - least)) / (most - least))));
};

/** InterPodAffinityArgs.hardPodAffinityWeight */
const HARD_AFFINITY_WEIGHT = 1;

/** Scores with their weights (apis/config/v1/default_plugins.go). ImageLocality is left out: all nodes have the same images. */
const SCORES: readonly (readonly [Score, number])[] = [
  [taints, 3],
  [preferredNodes, 2],
  [leastAllocated, 1],
  [spread, 2],
  [neighbours, 2],
  [balanced, 1],
];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Stretches so that the best has a hundred (plugins/helper/normalize_score.go). */
function stretched(points: readonly number[]): number[] {
  const most = Math.max(0, ...points);
  return points.map((point) => (most === 0 ? 0 : Math.floor((MOST * point) / most)));
}

const reversed = (points: readonly number[]): number[] => stretched(points).map((point) => MOST - point);
