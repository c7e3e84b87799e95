import type { Pod } from '../../../model/generated/objects.ts';
import { forbidden, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { internalDiff } from '../internal-diff.ts';
import { MIRROR, validateAnnotationUpdates } from './pod-annotations.ts';
import { validatePodAndSpec } from './pod-spec.ts';

/** ValidatePodEphemeralContainersUpdate */
export function validateEphemeralUpdate(pod: Pod, old: Pod, found: Findings): void {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    return void found.push(forbidden('[]', 'static pods do not support ephemeral containers'));
  }
  validatePodAndSpec(pod, found);
  validateAnnotationUpdates(pod, old, found);
  for (const before of old.spec.ephemeralContainers ?? []) {
    const after = pod.spec.ephemeralContainers?.find(({ name }) => name === before.name);
    const called = JSON.stringify(before.name);
    if (!after) {
      found.push(forbidden('spec.ephemeralContainers', `existing ephemeral containers ${called} may not be removed\n`));
    } else if (!sameValue(after, before)) {
      const diff = internalDiff(before, after, 'io.k8s.api.core.v1.EphemeralContainer');
      found.push(
        forbidden('spec.ephemeralContainers', `existing ephemeral containers ${called} may not be changed\n${diff}`),
      );
    }
  }
}
