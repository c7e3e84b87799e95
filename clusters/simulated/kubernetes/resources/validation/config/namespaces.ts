import type { Namespace } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, invalid, type Findings } from '../field-errors.ts';

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function validateFinalizer(name: string, field: string, found: Findings): void {
  addTexts(found, field, name, qualifiedNameErrors(name));
  if (!name.includes('/') && !STANDARD_FINALIZERS.has(name)) {
    found.push(invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
}

/** ValidateNamespace of pkg/apis/core/validation. */
export function validateNamespace({ spec }: Namespace, found: Findings): void {
  for (const name of spec.finalizers ?? []) validateFinalizer(name, 'spec.finalizers', found);
}

/** ValidateNamespaceFinalizeUpdate */
export function validateNamespaceFinalize({ spec }: Namespace, _old: Namespace, found: Findings): void {
  for (const [i, name] of (spec.finalizers ?? []).entries()) validateFinalizer(name, `spec.finalizers[${i}]`, found);
}

/** ValidateNamespaceStatusUpdate: a namespace that is being deleted is terminating, and no other. */
export function validateNamespaceStatus({ metadata, status }: Namespace, _old: Namespace, found: Findings): void {
  const phase = (status as Namespace['status'] | undefined)?.phase ?? '';
  if (metadata.deletionTimestamp === undefined) {
    if (phase !== 'Active') {
      found.push(invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty"));
    }
  } else if (phase !== 'Terminating') {
    found.push(invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
  }
}
