import { expect, test } from 'vitest';
import { INGRESS, NETWORK_POLICY } from '../../strategies/networking.ts';
import { SERVICE } from '../../strategies/services.ts';
import { foundIn, foundInUpdate } from '../test-cases.ts';

test.each<[string, object, string[]]>([
  ['one port', { ports: [{ port: 80 }] }, []],
  ['no port', {}, ['spec.ports: Required value']],
  [
    'ports without names',
    { ports: [{ port: 80 }, { port: 81 }] },
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'a type of no kind',
    { type: 'Best', ports: [{ port: 80 }] },
    ['spec.type: Unsupported value: "Best": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
  ],
  ['no external name', { type: 'ExternalName' }, ['spec.externalName: Required value']],
  [
    'a node port of an inner Service',
    { ports: [{ port: 80, nodePort: 30_100 }] },
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    'loopback as external address',
    { ports: [{ port: 80 }], externalIPs: ['127.0.0.1'] },
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
])('Services: %s', (_, spec, expected) => {
  expect(foundIn(SERVICE, { spec })).toEqual(expected);
});

test('the address of a Service stays', () => {
  const spec = (address: string): object => ({ ports: [{ port: 80 }], clusterIP: address, clusterIPs: [address] });
  expect(foundInUpdate(SERVICE, { spec: spec('10.96.1.1') }, { spec: spec('10.96.1.2') })).toEqual([
    'spec.clusterIPs[0]: Invalid value: ["10.96.1.2"]: may not change once set',
  ]);
});

test.each<[string, object, string[]]>([
  [
    'neither rules nor backend',
    {},
    ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'a path that is relative',
    {
      rules: [
        {
          http: {
            paths: [{ path: 'x', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        },
      ],
    },
    ['spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
  ],
  [
    'an address as host',
    { rules: [{ host: '10.0.0.1' }] },
    ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  ],
])('Ingresses: %s', (_, spec, expected) => {
  expect(foundIn(INGRESS, { spec })).toEqual(expected);
});

test.each<[string, object, string[]]>([
  [
    'a peer of nothing',
    { ingress: [{ from: [{}] }] },
    ['spec.ingress[0].from[0]: Required value: must specify a peer'],
  ],
  [
    'an exception from elsewhere',
    { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/24'] } }] }] },
    ['spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/24": must be a strict subset of `cidr`'],
  ],
])('NetworkPolicies: %s', (_, spec, expected) => {
  expect(foundIn(NETWORK_POLICY, { spec: { podSelector: {}, ...spec } })).toEqual(expected);
});
