import { expect, test } from 'vitest';
import type { KubeObject } from '../../object.ts';
import type { JsonSchema, Rule } from './schema.ts';
import { customWarnings, validateCustom, validateCustomStatus } from './validate.ts';

const thing = (spec: unknown, status?: unknown): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'one' },
  spec,
  ...(status === undefined ? {} : { status }),
});
const schemaOf = (spec: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec } });
const textsOf = (findings: readonly { field: string; message: string }[]): string[] =>
  findings.map(({ field, message }) => `${field}: ${message}`);
const found = (spec: JsonSchema, value: unknown, old?: unknown): string[] =>
  textsOf(validateCustom(thing(value), old === undefined ? undefined : thing(old), { schema: schemaOf(spec) }));

test.each<[string, JsonSchema, unknown, readonly string[]]>([
  [
    'a type, and the enum all the same',
    { type: 'string', enum: ['a', 'b'] },
    5,
    [
      'spec: Invalid value: "integer": spec in body must be of type string: "integer"',
      'spec: Unsupported value: 5: supported values: "a", "b"',
    ],
  ],
  [
    'numbers of an enum in quotes',
    { type: 'integer', enum: [1, 2] },
    3,
    ['spec: Unsupported value: 3: supported values: "1", "2"'],
  ],
  ['null where it may be', { type: 'string', nullable: true }, null, []],
  [
    'null where it may not',
    { type: 'string' },
    null,
    ['spec: Invalid value: "null": spec in body must be of type string: "null"'],
  ],
  [
    'either',
    { 'x-kubernetes-int-or-string': true },
    1.5,
    ['spec: Invalid value: "number": spec in body must be of type integer,string: "number"'],
  ],
  [
    'the first thing wrong with a text',
    { type: 'string', maxLength: 2, pattern: '^x$' },
    'abc',
    ['spec: Too long: may not be more than 2 bytes'],
  ],
  [
    'a multiple',
    { type: 'number', multipleOf: 0.5 },
    1.2,
    ['spec: Invalid value: 1.2: spec in body should be a multiple of 0.5'],
  ],
  [
    'a date',
    { type: 'string', format: 'date' },
    '2024-02-31',
    ['spec: Invalid value: "2024-02-31": spec in body must be of type date: "2024-02-31"'],
  ],
  ['a format nobody knows', { type: 'string', format: 'mine' }, 'x', []],
  [
    'fewer properties than wanted',
    { type: 'object', minProperties: 1, required: ['a'] },
    {},
    ['spec: Invalid value: 1: spec in body should have at least 1 properties'],
  ],
  [
    'items before their number, required last',
    { type: 'array', maxItems: 1, items: { type: 'object', required: ['a'], properties: { b: { type: 'string' } } } },
    [{ b: 1 }, { a: 1 }],
    [
      'spec[0].b: Invalid value: "integer": spec[0].b in body must be of type string: "integer"',
      'spec[0].a: Required value',
      'spec: Too many: 2: must have at most 1 items',
    ],
  ],
  [
    'none of two',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    [
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
      'spec.a: Required value',
    ],
  ],
  [
    'both of two',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    'what must not be',
    { type: 'object', not: { required: ['a'] } },
    { a: 1 },
    ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
  ],
  [
    'an object in the object',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { kind: 'a b' },
    [
      'spec.apiVersion: Required value: must not be empty',
      `spec.kind: Invalid value: "a b": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
    ],
  ],
])('a value is held against its schema: %s', (_, schema, value, texts) => {
  expect(found(schema, value)).toEqual(texts);
});

test('an update is not blamed for what was there', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      a: { type: 'integer', maximum: 1 },
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer', maximum: 1 } } },
      },
    },
  };
  const old = { a: 5, list: [{ name: 'x', size: 5 }] };
  expect(found(schema, { ...old, b: 1 }, old)).toEqual([]);
  expect(
    found(
      schema,
      {
        a: 5,
        list: [
          { name: 'y', size: 6 },
          { name: 'x', size: 5 },
        ],
      },
      old,
    ),
  ).toEqual(['spec.list[0].size: Invalid value: 6: spec.list[0].size in body should be less than or equal to 1']);
});

const ruled = (rule: Rule): JsonSchema => ({
  type: 'object',
  properties: {
    size: { type: 'integer' },
    'max-size': { type: 'integer' },
    since: { type: 'string', format: 'date-time' },
  },
  'x-kubernetes-validations': [rule],
});

test.each<[string, JsonSchema, unknown, unknown, readonly string[]]>([
  [
    'the rule itself',
    ruled({ rule: ' self.size > 1 ' }),
    { size: 1 },
    undefined,
    ['spec: Invalid value: failed rule: self.size > 1'],
  ],
  [
    'its message and reason at its field',
    ruled({ rule: 'self.size > 1', message: ' too small ', reason: 'FieldValueForbidden', fieldPath: '.size' }),
    { size: 1 },
    undefined,
    ['spec.size: Forbidden: too small'],
  ],
  [
    'a message it makes',
    ruled({ rule: 'self.size > 1', messageExpression: '"got " + string(self.size)' }),
    { size: 1 },
    undefined,
    ['spec: Invalid value: got 1'],
  ],
  [
    'names with dashes',
    ruled({ rule: 'self.size <= self.max__dash__size' }),
    { size: 1, 'max-size': 2 },
    undefined,
    [],
  ],
  [
    'times',
    ruled({ rule: 'self.since > timestamp("2024-01-01T00:00:00Z")' }),
    { since: '2025-01-01T00:00:00Z' },
    undefined,
    [],
  ],
  [
    'a field that is not there',
    ruled({ rule: 'self.size > 1', message: 'small' }),
    {},
    undefined,
    ['spec: Invalid value: no such key: size evaluating rule: small'],
  ],
  ['old values only when there are', ruled({ rule: 'self.size == oldSelf.size' }), { size: 1 }, undefined, []],
  [
    'old values',
    ruled({ rule: 'self.size == oldSelf.size', message: 'stays' }),
    { size: 1 },
    { size: 2 },
    ['spec: Invalid value: stays'],
  ],
  [
    'old values that need not be',
    ruled({ rule: 'oldSelf.hasValue() || self.size == 0', message: 'begins at 0', optionalOldSelf: true }),
    { size: 1 },
    undefined,
    ['spec: Invalid value: begins at 0'],
  ],
  [
    'values of maps',
    { type: 'object', additionalProperties: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] } },
    { a: 1 },
    undefined,
    ['spec[a]: Invalid value: failed rule: self > 1'],
  ],
])('rules tell: %s', (_, schema, value, old, texts) => {
  expect(found(schema, value, old)).toEqual(texts);
});

test('a rule that came later only warns of what was there', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { a: ruled({ rule: 'self.size > 1' }), b: { type: 'integer' } },
  };
  const [old, changed] = [{ a: { size: 1 } }, { a: { size: 1 }, b: 1 }];
  expect(found(schema, changed, old)).toEqual([]);
  expect(customWarnings(thing(changed), thing(old), { schema: schemaOf(schema) })).toEqual([
    'spec.a: Invalid value: failed rule: self.size > 1',
  ]);
});

test('a status is checked alone', () => {
  const count: JsonSchema = { type: 'object', properties: { replicas: { type: 'integer', maximum: 3 } } };
  const schema: JsonSchema = { type: 'object', properties: { spec: count, status: count } };
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const [old, object] = [thing({ replicas: 9 }), thing({ replicas: 9 }, { replicas: -4 })];
  expect(textsOf(validateCustomStatus(object, old, { schema, scale }))).toEqual([
    '.status.replicas: Invalid value: -4: should be a non-negative integer',
  ]);
  expect(textsOf(validateCustomStatus(thing({}, { replicas: 4 }), old, { schema }))).toEqual([
    'status.replicas: Invalid value: 4: replicas in body should be less than or equal to 3',
  ]);
});
