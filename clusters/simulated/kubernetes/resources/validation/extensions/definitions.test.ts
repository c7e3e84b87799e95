import { expect, test } from 'vitest';
import type { KubeObject } from '../../../object.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../../strategies/customresources.ts';
import { foundIn, foundInUpdate } from '../test-cases.ts';
import { definitionNameErrors } from './definitions.ts';

const NAMES = { plural: 'things', kind: 'Thing' };
type Fields = Readonly<Record<string, unknown>>;

const version = (properties: Fields, more: Fields = {}): Fields => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties } },
  ...more,
});
const definition = (versions: readonly Fields[], more: Fields = {}): Fields => ({
  metadata: { name: 'things.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: NAMES, versions, ...more },
  status: { storedVersions: ['v1'], acceptedNames: NAMES },
});
const ofSpec = (spec: Fields, more: Fields = {}): string[] =>
  foundIn(CUSTOM_RESOURCE_DEFINITION, definition([version({ spec }, more)]));

const ROOT = 'spec.validation.openAPIV3Schema';
const SPEC = `${ROOT}.properties[spec]`;

test.each<[string, Fields, readonly string[]]>([
  ['a good one', { type: 'object', properties: { size: { type: 'integer', default: 1 } } }, []],
  [
    'defaults that it refuses',
    {
      type: 'object',
      properties: {
        a: { type: 'integer', default: 'x' },
        b: { type: 'object', default: { c: 1 }, properties: { d: { type: 'string' } } },
        e: { type: 'string', enum: ['f'], default: 'g' },
      },
    },
    [
      `${SPEC}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`,
      `${SPEC}.properties[b].default: Invalid value: {"c":1}: must not have unknown fields`,
      `${SPEC}.properties[e].default: Unsupported value: "g": supported values: "f"`,
    ],
  ],
  ['nothing said', {}, [`${SPEC}.type: Required value: must not be empty for specified object fields`]],
  [
    'a list of anything',
    { type: 'object', properties: { list: { type: 'array' } } },
    [`${SPEC}.properties[list].items: Required value: must be specified`],
  ],
  [
    'types in logic, and fields that only logic knows',
    { type: 'object', anyOf: [{ type: 'object', properties: { a: { minimum: 1 } } }] },
    [`${SPEC}.anyOf[0].type: Forbidden: must be empty to be structural`],
  ],
  [
    'an unknown type and a bad pattern',
    { type: 'object', properties: { a: { type: 'float' }, b: { type: 'string', pattern: '(' } } },
    [
      `${SPEC}.properties[b].pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      `${SPEC}.properties[a].type: Unsupported value: "float": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
  ],
  [
    'a map of lists without keys',
    { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
    [`${SPEC}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
  ],
  [
    'a key that may be missing',
    {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    [
      `${SPEC}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
  [
    'things that are not supported',
    { type: 'object', uniqueItems: true, $ref: '#/x' },
    [
      `${SPEC}.$ref: Forbidden: $ref is not supported`,
      `${SPEC}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  ],
  [
    'properties beside additional ones',
    { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
    [`${SPEC}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
  ],
])('a schema is structural: %s', (_, spec, found) => {
  expect(ofSpec(spec)).toEqual(found);
});

test('definitions are named by what they define', () => {
  const named = definition([version({})]) as KubeObject;
  expect(definitionNameErrors('things.example.com', named)).toEqual([]);
  expect(definitionNameErrors('x', named)).toEqual(['must be spec.names.plural+"."+spec.group']);
});

const RULE = `${SPEC}.x-kubernetes-validations[0]`;
const shown = (rule: string, messageExpression = ''): string =>
  JSON.stringify({
    Rule: rule,
    Message: '',
    MessageExpression: messageExpression,
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: null,
  });

test.each<[string, Fields, readonly string[]]>([
  ['a good one', { rule: 'self.size > 1 && has(self.name)', reason: 'FieldValueForbidden', fieldPath: '.size' }, []],
  ['an old value', { rule: 'self == oldSelf' }, []],
  [
    'an unknown field',
    { rule: 'self.sizes == 1' },
    [
      `${RULE}.rule: Invalid value: ${shown('self.sizes == 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'sizes'\n | self.sizes == 1\n | ....^`,
    ],
  ],
  [
    'an unknown field that is asked for',
    { rule: 'has(self.sizes)' },
    [
      `${RULE}.rule: Invalid value: ${shown('has(self.sizes)')}: compilation failed: ERROR: <input>:1:4: undefined field 'sizes'\n | has(self.sizes)\n | ...^`,
    ],
  ],
  [
    'no verdict',
    { rule: 'self.size' },
    [`${RULE}.rule: Invalid value: ${shown('self.size')}: cel expression must evaluate to a bool`],
  ],
  [
    'a message that is none',
    { rule: 'true', messageExpression: 'self.size' },
    [
      `${RULE}.messageExpression: Invalid value: ${shown('true', 'self.size')}: messageExpression must evaluate to a string`,
    ],
  ],
  ['no rule', { rule: ' ' }, [`${RULE}.rule: Required value: rule is not specified`]],
  [
    'a reason and a place that are none',
    { rule: 'true', reason: 'Nope', fieldPath: '.nope' },
    [
      `${RULE}.reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      `${RULE}.fieldPath: Invalid value: ".nope": fieldPath must be a valid path`,
    ],
  ],
  [
    'an old value nobody asks for',
    { rule: 'true', optionalOldSelf: true },
    [`${RULE}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
  ],
])('rules compile against the types of the schema: %s', (_, rule, found) => {
  const properties = { size: { type: 'integer' }, name: { type: 'string' } };
  expect(ofSpec({ type: 'object', properties, 'x-kubernetes-validations': [rule] })).toEqual(found);
});

test('rules at several levels share their types', () => {
  const inner = { type: 'object', properties: { size: { type: 'integer' } } };
  const spec = {
    type: 'object',
    properties: {
      first: { ...inner, 'x-kubernetes-validations': [{ rule: 'self.size > 1' }] },
      second: { ...inner, 'x-kubernetes-validations': [{ rule: 'self.sizes == 1' }] },
    },
    'x-kubernetes-validations': [{ rule: 'self.first.size < self.second.size' }],
  };
  expect(ofSpec(spec)).toEqual([
    `${SPEC}.properties[second].x-kubernetes-validations[0].rule: Invalid value: ${shown('self.sizes == 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'sizes'\n | self.sizes == 1\n | ....^`,
  ]);
});

test('items of a list without keys have no old selves', () => {
  const items = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] };
  expect(ofSpec({ type: 'array', items })).toEqual([
    `${SPEC}.items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${SPEC}`,
  ]);
});

test('versions are told apart only where they differ', () => {
  const second = { ...version({ b: { minimum: 1 } }), name: 'v2', storage: false };
  expect(foundIn(CUSTOM_RESOURCE_DEFINITION, definition([version({ a: { minimum: 1 } }), second]))).toEqual([
    'spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    'spec.versions[1].schema.openAPIV3Schema.properties[b].type: Required value: must not be empty for specified object fields',
  ]);
});

test.each<[string, Fields, readonly string[]]>([
  [
    'scale, columns and selectable fields',
    {
      subresources: { scale: { specReplicasPath: '.status.replicas', statusReplicasPath: 'x' } },
      additionalPrinterColumns: [{ name: 'Size', type: 'int', jsonPath: '.spec.size' }],
      selectableFields: [{ jsonPath: '.spec.nope' }],
    },
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: "x": must be a simple json path starting with .',
      'spec.additionalPrinterColumns[0].type: Invalid value: "int": must be one of boolean,date,integer,number,string',
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field',
    ],
  ],
  [
    'a warning that nobody would see',
    { deprecationWarning: 'old' },
    ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
  ],
])('what a version says beside its schema: %s', (_, more, found) => {
  expect(ofSpec({ type: 'object', properties: { size: { type: 'integer' } } }, more)).toEqual(found);
});

test('what clients know a resource by stays', () => {
  const before = definition([version({})]);
  const established = {
    ...before,
    status: { ...(before['status'] as object), conditions: [{ type: 'Established', status: 'True' }] },
  };
  const after = definition([version({})], { scope: 'Cluster', group: 'example.org' });
  expect(foundInUpdate(CUSTOM_RESOURCE_DEFINITION, established, after)).toEqual([
    'spec.scope: Invalid value: "Cluster": field is immutable',
    'spec.group: Invalid value: "example.org": field is immutable',
  ]);
});
