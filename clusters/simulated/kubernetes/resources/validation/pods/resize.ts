import type { Container, Pod, ResourceRequirements } from '../../../model/generated/objects.ts';
import { qualityOfService } from '../../strategies/quality-of-service.ts';
import { forbidden, invalid, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { MIRROR } from './pod-annotations.ts';
import { validatePodAndSpec } from './pod-spec.ts';

const LISTS = ['containers', 'initContainers'] as const;
const ONLY = 'only cpu and memory resources';
const WITH_POD_RESOURCES =
  'resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled';

type Amounts = ResourceRequirements['requests'];

/** ValidatePodResize. That a node can resize, upstream tells from what its kubelet reports; the lab's nodes all can. */
export function validateResize(pod: Pod, old: Pod, found: Findings): void {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    return void found.push(forbidden('[]', 'static pods cannot be resized'));
  }
  if (old.spec.os?.name === 'windows') return void found.push(forbidden('[]', 'windows pods cannot be resized'));
  const wrong: Findings = [];
  validatePodAndSpec(pod, wrong);
  if ((old.status?.qosClass ?? qualityOfService(old.spec)) !== qualityOfService(pod.spec)) {
    wrong.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  }
  if (hasAmounts(old.spec.resources) || hasAmounts(pod.spec.resources)) {
    return void found.push(...wrong, forbidden('[]', WITH_POD_RESOURCES));
  }
  const misplaced: Findings = [];
  for (const list of LISTS) validateOrder(pod.spec[list] ?? [], old.spec[list] ?? [], list, misplaced);
  found.push(...wrong, ...misplaced);
  if (misplaced.length > 0) return;
  validateContainers(pod, old, found);
}

const hasAmounts = ({ requests = {}, limits = {} }: ResourceRequirements = {}): boolean =>
  Object.keys(requests).length + Object.keys(limits).length > 0;

/** validatePodResizeContainerOrdering */
function validateOrder(now: readonly Container[], then: readonly Container[], list: string, found: Findings): void {
  if (now.length !== then.length) {
    return void found.push(forbidden(`spec.${list}`, `${list} may not be added or removed on resize`));
  }
  for (const [i, { name }] of then.entries()) {
    if (now[i]?.name === name) continue;
    found.push(forbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`));
  }
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** Both pods have the same containers. */
function validateContainers(pod: Pod, old: Pod, found: Findings): void {
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (old.spec[list] ?? []).entries()) {
      if (list === 'initContainers' && !isSidecar(container)) continue;
      const now = pod.spec[list]?.[i]?.resources ?? {};
      validateKept(now, container.resources ?? {}, `spec.${list}[${i}].resources`, found);
    }
  }
  for (const list of LISTS) {
    for (const [i, container] of (pod.spec[list] ?? []).entries()) {
      const before = old.spec[list]?.[i] ?? container;
      if (list === 'initContainers' && !isSidecar(container)) {
        if (sameValue(container, before)) continue;
        found.push(forbidden('spec', 'resources for non-sidecar init containers are immutable'));
      } else if (!sameValue(withoutResize(container, before), before)) {
        const inits = list === 'initContainers';
        const why = inits ? `${ONLY} for init or sidecar containers are mutable` : `${ONLY} are mutable`;
        found.push(forbidden(inits ? `spec.initContainers[${i}]` : 'spec', why));
      }
    }
  }
}

function validateKept(now: ResourceRequirements, then: ResourceRequirements, path: string, found: Findings): void {
  for (const field of ['requests', 'limits'] as const) {
    const kept = now[field] ?? {};
    if (Object.keys(then[field] ?? {}).every((name) => kept[name] !== undefined)) continue;
    found.push(forbidden(`${path}.${field}`, `resource ${field} cannot be removed`));
  }
}

/** dropCPUMemoryResourcesFromContainer, which forgets the claims as well. */
const withoutResize = (container: Container, old: Container): Container => ({
  ...container,
  resources: {
    limits: withoutResized(container.resources?.limits, old.resources?.limits),
    requests: withoutResized(container.resources?.requests, old.resources?.requests),
  },
});

function withoutResized(now: Amounts = {}, then: Amounts = {}): Record<string, string> {
  const { cpu: _, memory: __, ...amounts } = now;
  for (const name of ['cpu', 'memory']) if (then[name] !== undefined) amounts[name] = then[name];
  return amounts;
}
