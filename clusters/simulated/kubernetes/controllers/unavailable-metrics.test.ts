import { expect, test } from 'vitest';
import type { MetricSpec } from '../model/generated/objects.ts';
import { unavailable } from './unavailable-metrics.ts';

const target = { type: 'AverageValue', averageValue: '1' };
const custom =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
const external = (name: string): string =>
  `unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
const resource =
  'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
const queue = { name: 'queue', selector: { matchLabels: { b: '2', a: '1' } } };
const selector =
  '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}';

test.each<[MetricSpec, string, string]>([
  [
    { type: 'Resource', resource: { name: 'memory', target } },
    `failed to get memory usage: unable to get metrics for resource memory: ${resource}`,
    'failed to get memory resource metric value',
  ],
  [
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization' } } },
    `failed to get cpu utilization: unable to get metrics for resource cpu: ${resource}`,
    'failed to get c container metric value',
  ],
  [
    { type: 'Pods', pods: { metric: { name: 'hits' }, target } },
    `unable to get metric hits: ${custom}`,
    'failed to get pods metric value',
  ],
  [
    {
      type: 'Object',
      object: { describedObject: { kind: 'Ingress', name: 'main' }, metric: { name: 'hits' }, target },
    },
    `unable to get metric hits: Ingress on default main/${custom}`,
    'failed to get object metric value',
  ],
  [
    { type: 'External', external: { metric: queue, target } },
    `unable to get external metric default/queue/${selector}: ${external('queue')}`,
    'failed to get queue external metric value',
  ],
  [
    { type: 'External', external: { metric: { name: 'all' }, target } },
    `unable to get external metric default/all/nil: ${external('all')}`,
    'failed to get all external metric value',
  ],
])('without its API a metric like %j says: %s', (metric, message, prefix) => {
  expect(unavailable(metric, 'default')).toMatchObject({ message, inSum: `${prefix}: ${message}` });
});
