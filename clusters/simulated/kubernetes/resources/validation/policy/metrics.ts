import type { MetricIdentifier, MetricSpec, MetricTarget } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, pathSegmentErrors } from '../../../model/names.ts';
import { compareQuantities, parseQuantity } from '../../../model/quantity.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { quantityOf } from '../quantities.ts';
import { validateContainerResourceName } from '../resource-names.ts';

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGET_TYPES = new Set(['Utilization', 'Value', 'AverageValue']);

type Source = 'object' | 'external' | 'pods' | 'resource' | 'containerResource';
/** A check of one source and, with it, what a target has to say there. */
type Check<S extends Source> = (source: NonNullable<MetricSpec[S]>, at: string, found: Findings) => void;

/** In upstream's order, which decides which one is looked into where there are several. */
const SOURCES: readonly Source[] = ['object', 'external', 'pods', 'resource', 'containerResource'];

/** ValidateCrossVersionObjectReference of pkg/apis/autoscaling/validation. */
export function validateReference(
  reference: { kind?: string; name?: string } | undefined,
  at: string,
  found: Findings,
): void {
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field] ?? '';
    if (value === '') found.push(required(`${at}.${field}`));
    else addTexts(found, `${at}.${field}`, value, pathSegmentErrors(value));
  }
}

/** validateMetricSpec: one source, the one that the type names. */
export function validateMetric(metric: MetricSpec, at: string, found: Findings): void {
  const { type } = metric as Partial<MetricSpec>;
  if (!type) found.push(required(`${at}.type`, 'must specify a metric source type'));
  const known = TYPES.includes(type ?? '');
  if (!known) found.push(notSupported(`${at}.type`, type ?? '', TYPES));
  const given = SOURCES.filter((source) => metric[source] !== undefined);
  const [first] = given;
  if (first !== undefined) checkSource(first, metric, at, found);
  const expected = type ? `${type.charAt(0).toLowerCase()}${type.slice(1)}` : '';
  if (known && !given.some((source) => source === expected)) {
    found.push(required(`${at}.${expected}`, 'must populate information for the given metric source'));
  }
  if (given.length === 1) return;
  for (const source of given) {
    if (source !== expected) found.push(forbidden(`${at}.${source}`, 'must populate the given metric source only'));
  }
}

function checkSource(source: Source, metric: MetricSpec, at: string, found: Findings): void {
  const value = metric[source];
  if (value) (CHECKS[source] as Check<Source>)(value, `${at}.${source}`, found);
}

const CHECKS: { readonly [S in Source]: Check<S> } = {
  object({ describedObject, metric, target }, at, found) {
    validateReference(describedObject, `${at}.describedObject`, found);
    validateIdentifier(metric, `${at}.metric`, found);
    validateTarget(target, `${at}.target`, found);
    if (target?.value === undefined && target?.averageValue === undefined) {
      found.push(required(`${at}.target.averageValue`, 'must set either a target value or averageValue'));
    }
  },
  external({ metric, target }, at, found) {
    validateIdentifier(metric, `${at}.metric`, found);
    validateTarget(target, `${at}.target`, found);
    const { value, averageValue } = target ?? {};
    if (value === undefined && averageValue === undefined) {
      const why = 'must set either a target value for metric or a per-pod target';
      found.push(required(`${at}.target.averageValue`, why));
    }
    if (value !== undefined && averageValue !== undefined) {
      const why = 'may not set both a target value for metric and a per-pod target';
      found.push(forbidden(`${at}.target.value`, why));
    }
  },
  pods({ metric, target }, at, found) {
    validateIdentifier(metric, `${at}.metric`, found);
    validateTarget(target, `${at}.target`, found);
    if (target?.averageValue === undefined) {
      found.push(required(`${at}.target.averageValue`, 'must specify a positive target averageValue'));
    }
  },
  resource({ name, target }, at, found) {
    if (!name) found.push(required(`${at}.name`, 'must specify a resource name'));
    validateUse(target, `${at}.target`, found);
  },
  containerResource({ name, container, target }, at, found) {
    if (!name) found.push(required(`${at}.name`, 'must specify a resource name'));
    else validateContainerResourceName(name, `${at}.name`, found);
    if (!container) found.push(required(`${at}.container`, 'must specify a container'));
    else addTexts(found, `${at}.container`, container, dns1123LabelErrors(container));
    validateUse(target, `${at}.target`, found);
  },
};

/** A target of a container's or the pods' resource: a share of what was requested, or an amount. */
function validateUse(target: MetricTarget | undefined, at: string, found: Findings): void {
  validateTarget(target, at, found);
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = 'must set either a target raw value or a target utilization';
    found.push(required(`${at}.averageUtilization`, why));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target raw value and a target utilization';
    found.push(forbidden(`${at}.averageValue`, why));
  }
}

function validateIdentifier(metric: MetricIdentifier | undefined, at: string, found: Findings): void {
  const name = metric?.name ?? '';
  if (name === '') found.push(required(`${at}.name`, 'must specify a metric name'));
  else addTexts(found, `${at}.name`, name, pathSegmentErrors(name));
}

/** validateMetricTarget */
function validateTarget(target: MetricTarget | undefined, at: string, found: Findings): void {
  const { type = '', averageUtilization, value, averageValue } = (target ?? {}) as Partial<MetricTarget>;
  if (type === '') found.push(required(`${at}.type`, 'must specify a metric target type'));
  if (!TARGET_TYPES.has(type)) {
    found.push(invalid(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const [field, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && compareQuantities(quantityOf(amount), parseQuantity('0')) <= 0) {
      found.push(invalid(`${at}.${field}`, amount, 'must be positive'));
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    found.push(invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
}
