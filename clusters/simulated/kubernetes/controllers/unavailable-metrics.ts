import type { LabelSelector, MetricSpec } from '../model/generated/objects.ts';

/** Why a metric cannot be had: what is told of it, and how the sum of all of them speaks of it. */
export interface Unavailable {
  readonly reason: string;
  readonly message: string;
  readonly inSum: string;
}

const NO_RESOURCE_API =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const NO_CUSTOM_API =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';

/** Go's text of a selector (meta/v1 generated.pb.go String), its labels in order. */
function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return (
    `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
  );
}

/** Why a metric cannot be had where no metrics API is served (podautoscaler/metrics/client.go, replica_calculator.go, horizontal.go). */
export function unavailable(metric: MetricSpec | undefined, namespace: string): Unavailable {
  const { pods, object, external, containerResource, resource } = metric ?? {};
  if (metric?.type === 'Pods' && pods !== undefined) {
    const message = `unable to get metric ${pods.metric.name}: ${NO_CUSTOM_API}`;
    return { reason: 'FailedGetPodsMetric', message, inSum: `failed to get pods metric value: ${message}` };
  }
  if (metric?.type === 'Object' && object !== undefined) {
    const { kind, name } = object.describedObject;
    const message = `unable to get metric ${object.metric.name}: ${kind} on ${namespace} ${name}/${NO_CUSTOM_API}`;
    return { reason: 'FailedGetObjectMetric', message, inSum: `failed to get object metric value: ${message}` };
  }
  if (metric?.type === 'External' && external !== undefined) {
    const { name, selector } = external.metric;
    const message =
      `unable to get external metric ${namespace}/${name}/${selectorText(selector)}: unable to fetch metrics from external metrics ` +
      `API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
    return {
      reason: 'FailedGetExternalMetric',
      message,
      inSum: `failed to get ${name} external metric value: ${message}`,
    };
  }
  const source = containerResource ?? resource;
  const name = source?.name ?? 'cpu';
  const what = source === undefined || source.target.type === 'Utilization' ? 'utilization' : 'usage';
  const message = `failed to get ${name} ${what}: unable to get metrics for resource ${name}: ${NO_RESOURCE_API}`;
  return containerResource === undefined
    ? { reason: 'FailedGetResourceMetric', message, inSum: `failed to get ${name} resource metric value: ${message}` }
    : {
        reason: 'FailedGetContainerResourceMetric',
        message,
        inSum: `failed to get ${containerResource.container} container metric value: ${message}`,
      };
}
