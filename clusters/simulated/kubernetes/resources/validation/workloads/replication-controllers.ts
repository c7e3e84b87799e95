import type { ReplicationController } from '../../../model/generated/objects.ts';
import { invalid, required, type Findings } from '../field-errors.ts';
import { validateNonNegative } from '../numbers.ts';
import { validatePodTemplate } from '../pods/pod-spec.ts';
import { statusCheck } from '../statuses.ts';
import { templateOf } from './deployments.ts';
import { MISMATCH, validateLongRunning } from './selectors.ts';

/** ValidateReplicationControllerSpec of pkg/apis/core/validation, and what is declared in pkg/apis/core/v1, which comes last. */
export function validateReplicationController({ spec }: ReplicationController, found: Findings): void {
  const { selector = {}, template } = spec;
  if (Object.keys(selector).length === 0) found.push(required('spec.selector'));
  if (template) {
    const labels = template.metadata?.labels;
    if (Object.entries(selector).some(([key, value]) => labels?.[key] !== value)) {
      found.push(invalid('spec.template.metadata.labels', labels, MISMATCH));
    }
    validatePodTemplate(templateOf(spec), 'spec.template', found);
    validateLongRunning(templateOf(spec), 'ReplicationController', found);
  } else found.push(required('spec.template'));
  validateNonNegative(spec.replicas, 'spec.replicas', found);
  validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', found);
}

const PODS = 'status.replicas';

/** ValidateReplicationControllerStatusUpdate */
export const validateReplicationControllerStatus = statusCheck<ReplicationController>({
  counts: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  most: [
    ['fullyLabeledReplicas', 'replicas', PODS],
    ['readyReplicas', 'replicas', PODS],
    ['availableReplicas', 'replicas', PODS],
    ['availableReplicas', 'readyReplicas', 'readyReplicas'],
  ],
});
