/** What is left of a kind in a namespace that is being deleted. */
export interface Remainder {
  /** `pods.`, `deployments.apps` */
  readonly kind: string;
  readonly count: number;
  readonly finalizers: readonly string[];
}

/** What a namespace says of its deletion while something is left in it (pkg/controller/namespace/deletion/status_condition_utils.go). */
export function deletionConditions(left: readonly Remainder[]) {
  const remaining = left
    .map(({ kind, count }) => `${kind} has ${count} resource instances`)
    .sort()
    .join(', ');
  const finalizers = left.flatMap((each) => each.finalizers);
  return [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition('NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${remaining}`),
    finalizers.length === 0
      ? condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        )
      : condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${counted(finalizers)}`,
        ),
  ];
}

const condition = (type: string, holds: boolean, reason: string, message: string) => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
});

const counted = (finalizers: readonly string[]): string =>
  [...new Set(finalizers)]
    .sort()
    .map((finalizer) => `${finalizer} in ${finalizers.filter((each) => each === finalizer).length} resource instances`)
    .join(', ');
