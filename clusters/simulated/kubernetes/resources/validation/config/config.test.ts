import { expect, test } from 'vitest';
import {
  CONFIG_MAP,
  EVENT,
  LIMIT_RANGE,
  NAMESPACE,
  RESOURCE_QUOTA,
  SECRET,
  SERVICE_ACCOUNT,
} from '../../strategies/core.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const FROZEN = 'Forbidden: field is immutable when `immutable` is set';

test('keys', () => {
  expect(foundIn(CONFIG_MAP, { data: { 'a b': '' } })).toEqual([`data[a b]: Invalid value: "a b": ${KEY}`]);
  expect(foundIn(SECRET, { data: { 'a b': '' } })).toEqual([`data[a b]: Invalid value: "a b": ${KEY}`]);
});

test('what is immutable stays', () => {
  const before = { immutable: true, data: { a: 'b' } };
  expect(foundInUpdate(CONFIG_MAP, before, { data: { a: 'c' } })).toEqual([`immutable: ${FROZEN}`, `data: ${FROZEN}`]);
  expect(foundInUpdate(CONFIG_MAP, before, before)).toEqual([]);
});

test('a Secret has what its type needs', () => {
  expect(foundIn(SECRET, { type: 'kubernetes.io/tls' })).toEqual([
    'data[tls.crt]: Required value',
    'data[tls.key]: Required value',
  ]);
  expect(foundInUpdate(SECRET, { type: 'Opaque' }, { type: 'example.com/mine' })).toEqual([
    'type: Invalid value: "example.com/mine": field is immutable',
  ]);
});

test.each<[string, string | undefined]>([
  ['{}', undefined],
  ['nope', "invalid character 'o' in literal null (expecting 'u')"],
  ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['{"a":', 'unexpected end of JSON input'],
])('the docker configuration %s', (text, error) => {
  const data = { '.dockerconfigjson': Buffer.from(text).toString('base64') };
  expect(foundIn(SECRET, { type: 'kubernetes.io/dockerconfigjson', data })).toEqual(
    error === undefined ? [] : [`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${error}`],
  );
});

test.each<[string, object, string[]]>([
  ['of its own namespace', { involvedObject: { namespace: 'default' } }, []],
  ['of the cluster', { involvedObject: { kind: 'Node' } }, []],
  [
    'of another namespace',
    { involvedObject: { namespace: 'shop' } },
    ['involvedObject.namespace: Invalid value: "shop": does not match event.namespace'],
  ],
  [
    'that says when',
    { eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'a', action: 'Eat', reason: 'x'.repeat(129) },
    ['reportingInstance: Required value', 'reason: Invalid value: "": can have at most 128 characters'],
  ],
])('an event %s', (_, fields, expected) => {
  expect(foundIn(EVENT, { ...fields })).toEqual(expected);
});

test('a service account keeps the names of its secrets', () => {
  const account = objectOf({ secrets: [{ name: 'a', namespace: 'b' }] });
  SERVICE_ACCOUNT.prepareForUpdate?.(account, account, undefined as never);
  expect(account['secrets']).toEqual([{ name: 'a' }]);
  const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' };
  const enforced = objectOf({ metadata: { annotations } });
  expect(SERVICE_ACCOUNT.warnings?.(enforced, undefined)).toHaveLength(1);
  expect(SERVICE_ACCOUNT.warnings?.(enforced, enforced)).toEqual([]);
});

test('too much data', () => {
  expect(foundIn(CONFIG_MAP, { data: { a: 'x'.repeat(1024 * 1024 + 1) } })).toEqual([
    '[]: Too long: may not be more than 1048576 bytes',
  ]);
});

test('a living namespace is active', () => {
  expect(foundInUpdate(NAMESPACE, {}, { status: { phase: 'Terminating' } }, 'status')).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
});

test.each<[string, object, string[]]>([
  ['nothing wrong', { hard: { pods: '1', 'requests.cpu': '1' } }, []],
  [
    'less than nothing',
    { hard: { pods: '-1' } },
    ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    'a scope of something else',
    { hard: { cpu: '1' }, scopes: ['BestEffort'] },
    ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
])('quotas: %s', (_, spec, expected) => {
  expect(foundIn(RESOURCE_QUOTA, { spec })).toEqual(expected);
});

test('limits in their order', () => {
  const limits = [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }];
  expect(foundIn(LIMIT_RANGE, { spec: { limits } })[0]).toBe(
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
  );
});

test.each<[string, object, string[]]>([
  [
    'a ratio that maximum and minimum cannot have',
    { type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } },
    ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'],
  ],
  [
    'devices that cannot be shared',
    { type: 'Container', default: { 'a.b/gpu': '2' }, defaultRequest: { 'a.b/gpu': '1' } },
    [
      'spec.limits[0].defaultRequest[a.b/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in a.b/gpu',
    ],
  ],
  [
    'defaults of whole pods',
    { type: 'Pod', min: { cpu: '2' }, default: { cpu: '1' } },
    ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
  ],
])('limits: %s', (_, item, expected) => {
  expect(foundIn(LIMIT_RANGE, { spec: { limits: [item] } })).toEqual(expected);
});

test('scopes of a selector', () => {
  const matchExpressions = [
    { scopeName: 'BestEffort', operator: 'In', values: ['a'] },
    { scopeName: 'NotBestEffort', operator: 'Exists' },
    { scopeName: 'Best', operator: 'Exists' },
  ];
  expect(
    foundIn(RESOURCE_QUOTA, { spec: { hard: { pods: '1', cpu: '1' }, scopeSelector: { matchExpressions } } }),
  ).toEqual([
    expect.stringMatching(/^spec.scopeSelector.matchExpressions: .*: unsupported scope applied to resource$/),
    'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Best": unsupported scope',
    'spec.scopeSelector.matchExpressions: Invalid value: null: conflicting scopes',
  ]);
});
