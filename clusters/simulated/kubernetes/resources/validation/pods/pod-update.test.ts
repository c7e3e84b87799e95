import { expect, test } from 'vitest';
import type { Pod } from '../../../model/generated/objects.ts';
import { POD } from '../../strategies/pods.ts';
import { foundInUpdate, objectOf } from '../test-cases.ts';

type Fields = Readonly<Record<string, unknown>>;

const pod = (spec: Fields = {}, fields: Fields = {}): Fields => ({
  spec: { containers: [{ name: 'a', image: 'nginx' }], ...spec },
  ...fields,
});

const affinity = (...names: string[]): Fields => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: names.map((key) => ({ key, operator: 'Exists' })) }],
      },
    },
  },
});
const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

test('a gated pod may become pickier about its node', () => {
  const gated = { schedulingGates: [{ name: 'a.example.com/b' }] };
  const change = (before: Fields, after: Fields): string[] =>
    foundInUpdate(POD, pod({ ...gated, ...before }), pod({ ...gated, ...after }));
  expect(change({}, { nodeSelector: { a: 'b' }, ...affinity('a') })).toEqual([]);
  expect(change(affinity('a'), affinity('a', 'b'))).toEqual([]);
  expect(change(affinity('a'), affinity('b', 'a'))).toEqual([
    `${TERMS}[0]: Invalid value: {"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null},{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)`,
  ]);
  expect(change(affinity('a'), {})).toEqual([
    `${TERMS}: Invalid value: null: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
  ]);
  expect(change({ nodeSelector: { a: 'b' } }, { nodeSelector: { c: 'd' } })).toEqual([
    'spec.nodeSelector: Invalid value: {"c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ]);
});

const sized = (resources: Fields, more: Fields = {}): Fields =>
  pod({ containers: [{ name: 'a', image: 'nginx', resources }], ...more });
const HALF = { requests: { cpu: '500m', memory: '1Gi' } };
const MIRRORED = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } };

test.each<[string, Fields, Fields, string[]]>([
  ['more of what it has', sized(HALF), sized({ requests: { cpu: '1', memory: '1Gi' } }), []],
  [
    'a resource less',
    sized(HALF),
    sized({ requests: { cpu: '500m' } }),
    ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
  ],
  [
    'another class',
    sized(HALF),
    sized({ ...HALF, limits: HALF.requests }),
    ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
  ],
  [
    'another resource',
    sized(HALF),
    sized({ requests: { ...HALF.requests, 'ephemeral-storage': '1Gi' } }),
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'another container',
    sized(HALF),
    pod({ containers: [{ name: 'b', image: 'nginx', resources: HALF }] }),
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
  ],
  [
    'a container more',
    sized(HALF),
    pod({
      containers: ['a', 'b'].map((name) => ({ name, image: 'nginx', resources: HALF })),
    }),
    ['spec.containers: Forbidden: containers may not be added or removed on resize'],
  ],
  [
    'of the whole pod',
    sized(HALF, { resources: HALF }),
    sized(HALF, { resources: HALF }),
    [
      '[]: Forbidden: resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled',
    ],
  ],
  [
    'a static pod',
    { ...pod(), ...MIRRORED },
    { ...pod(), ...MIRRORED },
    ['[]: Forbidden: static pods cannot be resized'],
  ],
])('a resize: %s', (_, before, after, expected) => {
  const status = { status: { qosClass: 'Burstable' } };
  expect(foundInUpdate(POD, { ...before, ...status }, { ...after, ...status }, 'resize')).toEqual(expected);
});

const ended = (exitCode: number): Fields => ({
  containerStatuses: [{ name: 'a', state: { terminated: { exitCode } } }],
});
const RUNNING = { containerStatuses: [{ name: 'a', state: { running: {} } }] };

test.each<[string, Fields, Fields, Fields, string[]]>([
  [
    'a condition',
    {},
    {},
    { conditions: [{ type: 'a b', observedGeneration: -1 }] },
    [
      'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
      expect.stringContaining('status.conditions[0].Type: Invalid value: "a b": name part must consist of'),
    ],
  ],
  [
    'a node to be for one that has its own',
    { nodeName: 'a' },
    {},
    { nominatedNodeName: 'b' },
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  ],
  [
    'an end that is none',
    { restartPolicy: 'OnFailure' },
    ended(0),
    RUNNING,
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  ['a failure that is mended', { restartPolicy: 'OnFailure' }, ended(1), RUNNING, []],
  [
    'two addresses of a family',
    {},
    {},
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
    [
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
  ],
])('a status: %s', (_, spec, before, after, expected) => {
  expect(foundInUpdate(POD, pod(spec, { status: before }), pod(spec, { status: after }), 'status')).toEqual(expected);
});

test('a rule of a container starts it again', () => {
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
  const spec = {
    restartPolicy: 'Never',
    containers: [{ name: 'a', image: 'nginx', restartPolicy: 'Never', restartPolicyRules: rules }],
  };
  const after = pod(spec, { status: RUNNING });
  expect(foundInUpdate(POD, pod(spec, { status: ended(42) }), after, 'status')).toEqual([]);
  expect(foundInUpdate(POD, pod(spec, { status: ended(1) }), after, 'status')).toHaveLength(1);
});

test('a status keeps what it does not say', () => {
  const condition = { type: 'Ready', status: 'True' };
  const status = {
    observedGeneration: 3,
    qosClass: 'Burstable',
    conditions: [{ ...condition, observedGeneration: 2 }],
  };
  const draft = objectOf(pod({}, { status: { conditions: [condition] } }));
  POD.prepareForUpdate?.(draft, objectOf(pod({}, { status })), { subresource: 'status' } as never);
  expect(draft['status']).toEqual(status);
});

test('labels that select what is like the pod', () => {
  const labelSelector = { matchLabels: { app: 'a' } };
  const draft = objectOf({
    ...pod({
      topologySpreadConstraints: [{ matchLabelKeys: ['rev', 'none'], labelSelector }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ mismatchLabelKeys: ['rev'], labelSelector }],
        },
      },
    }),
    metadata: { labels: { rev: '1' } },
  });
  POD.prepareForCreate?.(draft, undefined as never);
  const { topologySpreadConstraints = [], affinity: merged } = (draft as unknown as Pod).spec;
  expect(topologySpreadConstraints[0]?.labelSelector?.matchExpressions).toEqual([
    { key: 'rev', operator: 'In', values: ['1'] },
  ]);
  const [term] = merged?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  expect(term?.labelSelector?.matchExpressions).toEqual([{ key: 'rev', operator: 'NotIn', values: ['1'] }]);
});
