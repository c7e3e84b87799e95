/** Reasons, each with how many nodes it holds for, in the order of upstream's texts. */
function histogram(perNode: readonly (readonly string[])[]): string {
  const counts = new Map<string, number>();
  for (const reason of perNode.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join(', ');
}

/**
 * The text of FailedScheduling and of the condition PodScheduled (scheduler/framework/types.go FitError.Error):
 * `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: …`.
 */
export function fitError({
  nodes,
  beforehand,
  reasons,
  afterwards,
}: {
  readonly nodes: number;
  /** What a PreFilter said of all nodes; then their own reasons are not told. */
  readonly beforehand?: string | undefined;
  /** The reasons of each node. */
  readonly reasons: readonly (readonly string[])[];
  /** What the PostFilters said. */
  readonly afterwards?: string | undefined;
}): string {
  const why = beforehand ?? histogram(reasons);
  const tail = afterwards === undefined || afterwards === '' ? '' : ` ${afterwards}`;
  return `0/${nodes} nodes are available:${why === '' ? '' : ` ${why}.`}${tail}`;
}
