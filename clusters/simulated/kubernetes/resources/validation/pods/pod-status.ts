import type { ContainerStatus, Pod } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, forbidden, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

/** ValidatePodStatusUpdate: what a status may not say after what it said. */
export function validatePodStatus(pod: Pod, old: Pod, found: Findings): void {
  for (const [i, { type }] of (pod.status?.conditions ?? []).entries()) {
    if (!SYSTEM_CONDITIONS.has(type))
      addTexts(found, `metadata.conditions[${i}].Type`, type, qualifiedNameErrors(type));
  }
  immutable(pod.status?.qosClass, old.status?.qosClass, 'status.qosClass', found);
  const { restartPolicy, initContainers = [] } = old.spec;
  if (restartPolicy === 'Always') return;
  const sidecars = new Set(
    initContainers.filter((container) => container.restartPolicy === 'Always').map(({ name }) => name),
  );
  for (const list of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const) {
    const policy = list === 'ephemeralContainerStatuses' ? 'Never' : restartPolicy;
    const then = (old.status?.[list] ?? []).filter(({ name }) => !sidecars.has(name));
    validateTransitions(pod.status?.[list] ?? [], then, policy, `status.${list}`, found);
  }
}

/** ValidateContainerStateTransition: what ended stays so, unless the pod restarts what failed. */
function validateTransitions(
  now: readonly ContainerStatus[],
  then: readonly ContainerStatus[],
  policy: string | undefined,
  path: string,
  found: Findings,
): void {
  for (const [i, { name, state }] of then.entries()) {
    if (!state?.terminated || (state.terminated.exitCode !== 0 && policy === 'OnFailure')) continue;
    const after = now.find((status) => status.name === name);
    if (after && !after.state?.terminated) {
      found.push(forbidden(`${path}[${i}].state`, 'may not be transitioned to non-terminated state'));
    }
  }
}
