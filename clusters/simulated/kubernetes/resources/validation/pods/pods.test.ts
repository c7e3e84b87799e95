import { expect, test } from 'vitest';
import { POD } from '../../strategies/pods.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const container = { name: 'c', image: 'nginx' };
const pod = (fields: object, spec: object = {}): { spec: object } => ({
  spec: { containers: [{ ...container, ...fields }], ...spec },
});

test('a plain pod is fine', () => {
  expect(foundIn(POD, pod({}))).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['no containers', { spec: { containers: null } }, ['spec.containers: Required value']],
  [
    'a container without name and image',
    { spec: { containers: [{ name: '', image: '' }] } },
    ['spec.containers[0].name: Required value', 'spec.containers[0].image: Required value'],
  ],
  [
    'two containers of a name',
    { spec: { containers: [container, container] } },
    ['spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    'a port out of range',
    pod({ ports: [{ containerPort: 99_999 }] }),
    ['spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive'],
  ],
  [
    'a mount of no volume',
    pod({ volumeMounts: [{ name: 'x', mountPath: '/x' }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "x"'],
  ],
  [
    'a request above the limit',
    pod({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
  [
    'a restart policy of no kind',
    pod({}, { restartPolicy: 'Sometimes' }),
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    'a volume of two sources',
    pod({}, { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'ephemeral containers at the beginning',
    pod({}, { ephemeralContainers: [{ name: 'e', image: 'x' }] }),
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
])('%s', (_, fields, expected) => {
  expect(foundIn(POD, fields as Record<string, unknown>)).toEqual(expected);
});

test('images change, commands do not', () => {
  expect(foundInUpdate(POD, pod({}), pod({ image: 'nginx:latest' }))).toEqual([]);
  const [found = ''] = foundInUpdate(POD, pod({}), pod({ command: ['sh'] }));
  expect(found).toContain('spec: Forbidden: pod updates may not change fields other than');
  expect(found).toContain('+    "sh"');
});

test('what is deprecated is warned of', () => {
  const draft = objectOf(
    pod(
      { env: [{ name: 'A' }, { name: 'A' }] },
      { terminationGracePeriodSeconds: -1, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    ),
  );
  expect(POD.warnings?.(draft, undefined)).toEqual([
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ]);
});
