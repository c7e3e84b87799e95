import type { Node, NodeSelectorTerm, PodSpec } from '../model/generated/objects.ts';
import { matchesNodeExpression } from '../model/labels.ts';

/** Whether a pod's node selector and required node affinity allow the node (component-helpers/scheduling/corev1/nodeaffinity). */
export function selectsNode(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => termHolds(term, node));
}

/** Whether a term of a node selector selects the node. An empty one selects nothing. */
export function termHolds({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const { name, labels } = node.metadata;
  return (
    matchExpressions.every((expression) => matchesNodeExpression(expression, labels)) &&
    matchFields.every((expression) => matchesNodeExpression(expression, { 'metadata.name': name }))
  );
}

/**
 * The only nodes that a pod's affinity names; undefined where a term names none (nodeaffinity/node_affinity.go PreFilter). Empty when
 * the names within each term exclude each other.
 */
export function namedNodes({ affinity }: PodSpec): ReadonlySet<string> | undefined {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const listed = matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values = [] }) => new Set(values));
    const [first, ...others] = listed;
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((values) => values.has(name))) names.add(name);
  }
  return names;
}
