import type { LabelSelector, PodTemplateSpec } from '../../../model/generated/objects.ts';
import { matchesLabelSelector } from '../../../model/labels.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { isEmptySelector, isUsableSelector, validateLabelSelector } from '../labels.ts';
import { validatePodTemplate } from '../pods/pod-spec.ts';

export const MISMATCH = '`selector` does not match template `labels`';

/** A selector that has to be there and to select something. `workload` is the word of upstream's text. */
export function validateOwnSelector(selector: LabelSelector | undefined, workload: string, found: Findings): void {
  if (!selector) return void found.push(required('spec.selector'));
  validateLabelSelector(selector, 'spec.selector', found);
  if (isEmptySelector(selector)) {
    found.push(invalid('spec.selector', selector, `empty selector is invalid for ${workload}`));
  }
}

/** The template's labels against the selector. A missing selector matches nothing, an empty one everything. */
export function validateMatch(selector: LabelSelector | undefined, template: PodTemplateSpec, found: Findings): void {
  const labels = template.metadata?.labels;
  if (!matchesLabelSelector(selector, labels)) found.push(invalid('spec.template.metadata.labels', labels, MISMATCH));
}

/** What Deployments and ReplicaSets ask of their template (ValidatePodTemplateSpecForReplicaSet). */
export function validateReplicaTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  found: Findings,
): void {
  if (!isUsableSelector(selector)) return void found.push(invalid('spec.selector', selector, 'invalid label selector'));
  validateMatch(selector, template, found);
  validatePodTemplate(template, 'spec.template', found);
  validateLongRunning(template, 'ReplicaSet', found);
}

/** Workloads that keep pods running for ever. */
export function validateLongRunning({ spec }: PodTemplateSpec, workload: string, found: Findings): void {
  if (spec.restartPolicy !== 'Always') {
    found.push(notSupported('spec.template.spec.restartPolicy', spec.restartPolicy ?? '', ['Always']));
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${workload} is not Supported`;
    found.push(forbidden('spec.template.spec.activeDeadlineSeconds', why));
  }
}
