import { expect, test } from 'vitest';
import { SERVICE } from '../../strategies/services.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const ports = [{ port: 80 }];

test.each<[string, object, string[]]>([
  [
    'what a balancer has alone',
    { ports, loadBalancerSourceRanges: ['10.0.0.1/8'], loadBalancerClass: 'a/b' },
    [
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    'a distribution of no kind',
    { ports, trafficDistribution: 'Near' },
    [
      'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [
    'the same port twice',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    },
    [
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
  ],
  ['the port of the kubelet', { type: 'LoadBalancer', ports: [{ port: 10_250 }] }, []],
])('%s', (_, spec, expected) => {
  expect(foundIn(SERVICE, { spec })).toEqual(expected);
});

test('annotations of topology agree', () => {
  const annotations = {
    'service.kubernetes.io/topology-mode': 'Auto',
    'service.kubernetes.io/topology-aware-hints': 'Disabled',
  };
  expect(foundIn(SERVICE, { metadata: { annotations }, spec: { ports } })).toEqual([
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
  ]);
});

const balancer = (more: object): { spec: object } => ({ spec: { type: 'LoadBalancer', ports, ...more } });

test.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
  [
    'the class of a balancer stays',
    balancer({ loadBalancerClass: 'a/b' }),
    balancer({}),
    ['spec.loadBalancerClass: Invalid value: null: may not change once set'],
  ],
  [
    'the port of health checks stays',
    balancer({ externalTrafficPolicy: 'Local', healthCheckNodePort: 30_001 }),
    balancer({ externalTrafficPolicy: 'Local', healthCheckNodePort: 30_002 }),
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
  [
    'the address is not taken away',
    { spec: { ports, clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'] } },
    { spec: { ports } },
    ['spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset'],
  ],
])('%s', (_, before, after, expected) => {
  expect(foundInUpdate(SERVICE, before, after)).toEqual(expected);
});

test('only balancers have addresses in their status', () => {
  const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4', hostname: '1.2.3.4' }] } };
  expect(foundInUpdate(SERVICE, { spec: { ports } }, { spec: { ports }, status }, 'status')).toEqual([
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ]);
  expect(foundInUpdate(SERVICE, balancer({}), { ...balancer({}), status }, 'status')).toEqual([
    'status.loadBalancer.ingress[0].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ]);
});

test('fields without effect are warned of', () => {
  const spec = { type: 'ClusterIP', clusterIP: 'None', sessionAffinity: 'ClientIP', externalIPs: ['1.2.3.4'] };
  expect(SERVICE.warnings?.(objectOf({ spec: { ...spec, trafficDistribution: 'PreferClose' } }), undefined)).toEqual([
    'spec.externalIPs is ignored for headless services',
    'spec.SessionAffinity is ignored for headless services',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ]);
});
