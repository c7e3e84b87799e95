import type { Container, Pod, PodSpec, PodSchedulingGate, Toleration } from '../../../model/generated/objects.ts';
import { forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { internalDiff } from '../internal-diff.ts';
import { inclusiveRange, MAX_INT32 } from '../numbers.ts';
import { withField, withoutNodeChoice } from './gated-update.ts';
import { validateAnnotationUpdates } from './pod-annotations.ts';
import { validatePodAndSpec } from './pod-spec.ts';
import { validateImagePadding } from './containers.ts';
import { validateTolerations } from './tolerations.ts';

const SPEC = 'io.k8s.api.core.v1.PodSpec';
const ALLOWED = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** ValidatePodUpdate: what may change in a pod that exists. */
export function validatePodUpdate(pod: Pod, old: Pod, found: Findings): void {
  validatePodAndSpec(pod, found);
  validateAnnotationUpdates(pod, old, found);
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = pod.spec[list] ?? [];
    if (containers.length !== (old.spec[list] ?? []).length) {
      return void found.push(forbidden(`spec.${list}`, 'pod updates may not add or remove containers'));
    }
    for (const [i, container] of containers.entries()) {
      if (!container.image) found.push(required(`spec.${list}[${i}].image`));
      validateImagePadding(container, `spec.${list}[${i}]`, found);
    }
  }
  if (!validateDeadline(pod.spec, old.spec, found)) return;
  validateAddedTolerations(pod.spec.tolerations ?? [], old.spec.tolerations ?? [], found);
  validateRemovedGates(pod.spec.schedulingGates ?? [], old.spec.schedulingGates ?? [], found);
  if (sameValue(pod.spec, old.spec)) return;
  const after = withoutAllowedChanges(pod.spec, old.spec, found);
  if (sameValue(after, old.spec)) return;
  const diff = internalDiff(old.spec, after, SPEC);
  found.push(forbidden('spec', `pod updates may not change fields other than ${ALLOWED}\n${diff}`));
}

/** A deadline may be set or come sooner. False where upstream looks no further. */
function validateDeadline(spec: PodSpec, old: PodSpec, found: Findings): boolean {
  const field = 'spec.activeDeadlineSeconds';
  const now = spec.activeDeadlineSeconds;
  const then = old.activeDeadlineSeconds;
  if (now === undefined) {
    if (then !== undefined) found.push(invalid(field, null, 'must not update from a positive integer to nil value'));
    return true;
  }
  if (now < 0 || now > MAX_INT32) {
    found.push(invalid(field, now, inclusiveRange(0, MAX_INT32)));
    return false;
  }
  if (then === undefined || now <= then) return true;
  found.push(invalid(field, now, 'must be less than or equal to previous value'));
  return false;
}

function validateAddedTolerations(now: readonly Toleration[], then: readonly Toleration[], found: Findings): void {
  const key = ({ key = '', operator = '', value = '', effect = '' }: Toleration): string =>
    [key, operator, value, effect].join('\0');
  const kept = new Set(now.map(key));
  if (then.some((toleration) => !kept.has(key(toleration)))) {
    const why = 'existing toleration can not be modified except its tolerationSeconds';
    return void found.push(forbidden('spec.tolerations', why));
  }
  validateTolerations(now, 'spec.tolerations', found);
}

function validateRemovedGates(
  now: readonly PodSchedulingGate[],
  then: readonly PodSchedulingGate[],
  found: Findings,
): void {
  const known = new Set(then.map(({ name }) => name));
  for (const [i, { name }] of now.entries()) {
    if (known.has(name)) continue;
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    found.push(forbidden(`spec.schedulingGates[${i}].name`, why));
  }
}

/** The new spec with everything that may change as it was. */
function withoutAllowedChanges(spec: PodSpec, old: PodSpec, found: Findings): PodSpec {
  const images = (now: Container[] | undefined, then: Container[] | undefined): Container[] | undefined =>
    now?.map((container, i) => withField(container, 'image', then?.[i]?.image));
  let after: PodSpec = { ...spec, containers: images(spec.containers, old.containers) ?? [] };
  if (spec.initContainers) after.initContainers = images(spec.initContainers, old.initContainers) ?? [];
  after = withField(after, 'activeDeadlineSeconds', old.activeDeadlineSeconds);
  after = withField(after, 'schedulingGates', old.schedulingGates);
  after = withField(after, 'tolerations', old.tolerations);
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    after = withField(after, 'terminationGracePeriodSeconds', old.terminationGracePeriodSeconds);
  }
  return (old.schedulingGates ?? []).length === 0 ? after : withoutNodeChoice(after, old, found);
}
