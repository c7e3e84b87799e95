import { expect, test } from 'vitest';
import { POD } from '../../strategies/pods.ts';
import { foundIn } from '../test-cases.ts';

const container = { name: 'c', image: 'nginx' };
const init = { name: 'i', image: 'busybox' };

test.each<[string, object, string[]]>([
  [
    'a name with dots',
    { containers: [{ ...container, name: 'a.b' }] },
    ['spec.containers[0].name: Invalid value: "a.b": must not contain dots'],
  ],
  [
    'a restart for a new size that never comes',
    {
      restartPolicy: 'Never',
      containers: [{ ...container, resizePolicy: [{ resourceName: 'gpu', restartPolicy: 'RestartContainer' }] }],
    },
    [
      'spec.containers[0].resizePolicy: Unsupported value: "gpu": supported values: "cpu", "memory"',
      "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'",
    ],
  ],
  [
    'an init container restarted for a new size',
    {
      containers: [container],
      initContainers: [{ ...init, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }],
    },
    [
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
    ],
  ],
  [
    'rules of no policy',
    {
      containers: [{ ...container, restartPolicyRules: [{ action: 'Stop' }] }],
      initContainers: [{ ...init, restartPolicyRules: [{ action: 'Stop' }] }],
    },
    [
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"',
      'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
      'spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
  ],
  [
    'users of its own beside the namespaces of the host',
    { hostUsers: false, hostNetwork: true, hostPID: true, containers: [container] },
    ['spec.hostNetwork: Forbidden: when `hostUsers` is false', 'spec.HostPID: Forbidden: when `hostUsers` is false'],
  ],
  [
    'more than the pod has',
    {
      resources: { requests: { cpu: '1' }, limits: { cpu: '1' } },
      containers: [{ ...container, resources: { requests: { cpu: '2' }, limits: { cpu: '2' } } }],
    },
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
      'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
    ],
  ],
  [
    'a host name over one of the host',
    { hostNetwork: true, setHostnameAsFQDN: true, hostnameOverride: 'A', containers: [container] },
    [
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
      'spec.hostnameOverride: Invalid value: "A": a lowercase RFC 1123 subdomain must consist',
    ],
  ],
  [
    'fields that no variable can have',
    {
      containers: [
        {
          ...container,
          env: [
            { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
            { name: 'B', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } },
            { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
            { name: 'D', valueFrom: { fileKeyRef: { volumeName: 'none', path: 'p', key: 'K' } } },
          ],
        },
      ],
    },
    [
      "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not support subscript: metadata.name['a']",
      'spec.containers[0].env[1].valueFrom.fieldRef.fieldPath: Invalid value: "spec.containers": error converting fieldPath: field label not supported: spec.containers',
      'spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", ',
      'spec.containers[0].env[3].valueFrom.fileKeyRef.volumeName: Not found: "none"',
    ],
  ],
  [
    'a toleration that compares',
    { containers: [container], tolerations: [{ key: 'a', operator: 'Gt', value: '1' }, { operator: 'Equal' }] },
    [
      'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
      'spec.tolerations[1].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'a key beside no selector',
    {
      containers: [container],
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'] },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  ],
])('%s', (_, spec, expected) => {
  const found = foundIn(POD, { spec });
  expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected);
});
