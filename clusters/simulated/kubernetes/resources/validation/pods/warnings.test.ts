import { expect, test } from 'vitest';
import { POD } from '../../strategies/pods.ts';
import { objectOf } from '../test-cases.ts';

const warningsOf = (spec: object, metadata: object = {}): string[] =>
  POD.warnings?.(objectOf({ metadata, spec: { containers: [], ...spec } }), undefined) ?? [];

const udp = { containerPort: 80, protocol: 'UDP' };

test.each<[string, object, string[]]>([
  [
    'what is deprecated, affinity last',
    {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }] } },
      volumes: [{ name: 'v', gitRepo: { repository: 'r' } }],
      terminationGracePeriodSeconds: -1,
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'variables that hide one another, but those that add to one',
    {
      containers: [
        {
          name: 'c',
          env: [
            { name: 'a', value: 'a' },
            { name: 'a', value: '$(a)' },
            { name: 'a', value: '$(a) $(a)' },
          ],
        },
      ],
    },
    ['spec.containers[0].env[1]: hides previous definition of "a", which may be dropped when using apply'],
  ],
  [
    'ports of one number, and of one name',
    {
      containers: [
        { name: 'a', ports: [{ ...udp, name: 'p', hostPort: 80, hostIP: '10.0.0.1' }] },
        { name: 'b', ports: [udp, { ...udp, containerPort: 81, name: 'p', hostIP: '10.0.0.1' }] },
      ],
    },
    [
      'spec.containers[1].ports[1]: duplicate port name "p" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[1].ports[1]: hostIP set without hostPort: {Name:p HostPort:0 ContainerPort:81 Protocol:UDP HostIP:10.0.0.1}',
    ],
  ],
  [
    'files in each other’s way',
    {
      volumes: [
        {
          name: 'v',
          configMap: {
            name: 'm',
            items: [
              { key: 'a', path: 'test' },
              { key: 'b', path: 'test/app' },
            ],
          },
        },
        {
          name: 'w',
          projected: {
            sources: [
              { secret: { name: 's', items: [{ key: 'a', path: 'test' }] } },
              { serviceAccountToken: { path: 'test' } },
              {},
            ],
          },
        },
      ],
    },
    [
      'volume "v" (ConfigMap "m"): overlapping paths: "test/app" with "test"',
      'volume "w" (Projected) has no sources provided',
      'volume "w" (Projected): overlapping paths: "test" (ServiceAccountToken) with "test" (Secret "s")',
    ],
  ],
  [
    'parts of bytes',
    { overhead: { memory: '4m' }, containers: [{ name: 'c', resources: { limits: { memory: '1500m' } } }] },
    [
      'spec.overhead[memory]: fractional byte value "4m" is invalid, must be an integer',
      'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
    ],
  ],
])('%s', (_, spec, expected) => {
  expect(warningsOf(spec)).toEqual(expected);
});

test('a name that is no host name', () => {
  expect(warningsOf({}, { name: 'a.b' })).toEqual([
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ]);
});

test('nothing is said of a change', () => {
  const pod = objectOf({ metadata: { name: 'a.b' }, spec: { containers: [], terminationGracePeriodSeconds: -1 } });
  expect(POD.warnings?.(pod, pod)).toEqual([]);
});
