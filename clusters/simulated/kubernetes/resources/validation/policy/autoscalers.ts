import type {
  HorizontalPodAutoscaler,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
} from '../../../model/generated/objects.ts';
import { pathSegmentErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
const TARGET_TYPES = new Set(['Utilization', 'Value', 'AverageValue']);
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const SCALING_TYPES = ['Percent', 'Pods'];
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

type Reference = { kind?: string; name?: string } | undefined;

/** ValidateHorizontalPodAutoscaler of pkg/apis/autoscaling/validation. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler, found: Findings): void {
  const {
    minReplicas,
    maxReplicas = 0,
    scaleTargetRef,
    metrics = [],
    behavior,
  } = (spec ?? {}) as Partial<NonNullable<HorizontalPodAutoscaler['spec']>>;
  if (minReplicas !== undefined && minReplicas < 1) {
    found.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (maxReplicas < 1) found.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    found.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  validateReference(scaleTargetRef, 'spec.scaleTargetRef', found);
  for (const [i, metric] of metrics.entries()) validateMetric(metric, `spec.metrics[${i}]`, found);
  validateScaling(behavior?.scaleUp, 'spec.behavior.scaleUp', found);
  validateScaling(behavior?.scaleDown, 'spec.behavior.scaleDown', found);
}

function validateReference(reference: Reference, at: string, found: Findings): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field] ?? '';
    if (value === '') found.push(required(`${at}.${field}`));
    else addTexts(found, `${at}.${field}`, value, pathSegmentErrors(value));
  }
}

function validateMetric(metric: MetricSpec, at: string, found: Findings): void {
  const { type, object, external, pods, resource, containerResource } = metric;
  if (!type) found.push(required(`${at}.type`, 'must specify a metric source type'));
  else if (!METRIC_TYPES.includes(type)) found.push(notSupported(`${at}.type`, type, METRIC_TYPES));
  const given = SOURCES.filter((source) => metric[source] !== undefined);
  const expected = type ? `${type.charAt(0).toLowerCase()}${type.slice(1)}` : '';
  if (METRIC_TYPES.includes(type) && !given.some((source) => source === expected)) {
    found.push(required(`${at}.${expected}`, 'must populate information for the given metric source'));
  }
  for (const source of given) {
    if (source !== expected) found.push(forbidden(`${at}.${source}`, 'must populate the given metric source only'));
  }
  if (object) {
    validateReference(object.describedObject, `${at}.object.describedObject`, found);
    validateIdentifier(object.metric, `${at}.object.metric`, found);
    validateTarget(object.target, `${at}.object.target`, found);
    if (object.target.value === undefined && object.target.averageValue === undefined) {
      found.push(
        required(`${at}.object.target.averageValue`, 'must set either a target value for metric or a per-pod target'),
      );
    }
  }
  if (external) {
    validateIdentifier(external.metric, `${at}.external.metric`, found);
    validateTarget(external.target, `${at}.external.target`, found);
    const { value, averageValue } = external.target;
    if (value === undefined && averageValue === undefined) {
      found.push(
        required(`${at}.external.target.averageValue`, 'must set either a target value for metric or a per-pod target'),
      );
    }
    if (value !== undefined && averageValue !== undefined) {
      found.push(
        forbidden(`${at}.external.target.value`, 'may not set both a target value for metric and a per-pod target'),
      );
    }
  }
  if (pods) {
    validateIdentifier(pods.metric, `${at}.pods.metric`, found);
    validateTarget(pods.target, `${at}.pods.target`, found);
    if (pods.target.averageValue === undefined) {
      found.push(required(`${at}.pods.target.averageValue`, 'must specify a positive target averageValue'));
    }
  }
  if (containerResource && !containerResource.container) {
    found.push(required(`${at}.containerResource.container`, 'must specify a container'));
  }
  for (const [field, source] of Object.entries({ resource, containerResource })) {
    if (!source) continue;
    if (!source.name) found.push(required(`${at}.${field}.name`, 'must specify a resource name'));
    validateTarget(source.target, `${at}.${field}.target`, found);
    const { averageUtilization, averageValue } = source.target;
    if (averageUtilization === undefined && averageValue === undefined) {
      const text = 'must set either a target raw value or a target utilization';
      found.push(required(`${at}.${field}.target.averageUtilization`, text));
    }
    if (averageUtilization !== undefined && averageValue !== undefined) {
      const text = 'may not set both a target raw value and a target utilization';
      found.push(forbidden(`${at}.${field}.target.averageValue`, text));
    }
  }
}

function validateIdentifier(
  { name, selector }: { name: string; selector?: object },
  at: string,
  found: Findings,
): void {
  if (!name) found.push(required(`${at}.name`));
  else addTexts(found, `${at}.name`, name, pathSegmentErrors(name));
  validateLabelSelector(selector, `${at}.selector`, found);
}

function validateTarget(target: MetricTarget, at: string, found: Findings): void {
  const { type, averageUtilization, value, averageValue } = target;
  if (!type) found.push(required(`${at}.type`, 'must specify a metric target type'));
  else if (!TARGET_TYPES.has(type)) {
    found.push(invalid(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const [field, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && /^(-|0[A-Za-z]*$)/.test(amount)) {
      found.push(invalid(`${at}.${field}`, amount, 'must be positive'));
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    found.push(invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
}

function validateScaling(rules: HPAScalingRules | undefined, at: string, found: Findings): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [] } = rules;
  const windowField = `${at}.stabilizationWindowSeconds`;
  if (window < 0) found.push(invalid(windowField, window, 'must be greater than or equal to zero'));
  if (window > LONGEST_WINDOW)
    found.push(invalid(windowField, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    found.push(notSupported(`${at}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) found.push(required(`${at}.policies`, 'must specify at least one Policy'));
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const field = `${at}.policies[${i}]`;
    if (!SCALING_TYPES.includes(type)) found.push(notSupported(`${field}.type`, type, SCALING_TYPES));
    if (value <= 0) found.push(invalid(`${field}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) found.push(invalid(`${field}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > LONGEST_PERIOD) {
      found.push(invalid(`${field}.periodSeconds`, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`));
    }
  }
}
