import type { Pod, PodAffinityTerm } from '../model/generated/objects.ts';
import { sameDomain, termMatches } from './affinity-terms.ts';
import { type Filter, forGood, forNow } from './rejection.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';

const mustBeNear = ({ spec }: Pod): readonly PodAffinityTerm[] =>
  spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const mustBeApart = ({ spec }: Pod): readonly PodAffinityTerm[] =>
  spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** plugins/interpodaffinity/filtering.go: near whom the pod must be, whom it must not meet, and who must not meet it. */
export const interPodAffinity: Filter = (pod, info, snapshot) => {
  if (!findsItsPods(pod, info, snapshot)) return forGood("node(s) didn't match pod affinity rules");
  const terms = mustBeApart(pod);
  const meets = (term: PodAffinityTerm): boolean =>
    snapshot.nodes.some(
      (other) =>
        sameDomain(term.topologyKey, other, info) &&
        other.pods.some((known) => termMatches(term, pod, known, snapshot)),
    );
  if (terms.some(meets)) return forNow("node(s) didn't match pod anti-affinity rules");
  const isShunned = snapshot.nodes.some((other) =>
    other.pods.some((known) =>
      mustBeApart(known).some(
        (term) => sameDomain(term.topologyKey, other, info) && termMatches(term, known, pod, snapshot),
      ),
    ),
  );
  return isShunned ? forNow("node(s) didn't satisfy existing pods anti-affinity rules") : undefined;
};

/** Pods that match every term must be in the domain of each; where there are none at all, a pod that matches itself comes first. */
function findsItsPods(pod: Pod, info: NodeInfo, snapshot: Snapshot): boolean {
  const terms = mustBeNear(pod);
  if (terms.length === 0) return true;
  if (terms.some(({ topologyKey }) => info.node.metadata.labels?.[topologyKey] === undefined)) return false;
  const isWanted = (known: Pod): boolean => terms.every((term) => termMatches(term, pod, known, snapshot));
  const homes = snapshot.nodes.filter(
    (other) =>
      terms.some(({ topologyKey }) => other.node.metadata.labels?.[topologyKey] !== undefined) &&
      other.pods.some(isWanted),
  );
  if (homes.length === 0) return isWanted(pod);
  return terms.every(({ topologyKey }) => homes.some((home) => sameDomain(topologyKey, home, info)));
}
