import { expect, test } from 'vitest';
import { CORE_ROWS } from '../../resources/rows/core.ts';
import { objectOf } from '../../resources/validation/test-cases.ts';
import type { FieldError } from '../../status.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata-validation.ts';

const row = CORE_ROWS.find(({ kind }) => kind === 'ConfigMap')!;
const textsOf = (found: readonly FieldError[]): string[] => found.map(({ field, message }) => `${field}: ${message}`);
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'b', controller: true };
const PATH = 'metadata.ownerReferences';

test.each<[string, object, unknown[]]>([
  ['nothing', {}, []],
  ['a prefix', { generateName: 'web-' }, []],
  ['no prefix', { generateName: '-' }, [expect.stringContaining('metadata.generateName: Invalid value: "-": a lower')]],
  [
    'an owner of nothing',
    { ownerReferences: [{ apiVersion: 'apps/' }] },
    [
      `${PATH}.apiVersion: Invalid value: "apps/": version must not be empty`,
      `${PATH}.kind: Invalid value: "": kind must not be empty`,
      `${PATH}.name: Invalid value: "": name must not be empty`,
      `${PATH}.uid: Invalid value: "": uid must not be empty`,
    ],
  ],
  [
    'two that control',
    { ownerReferences: [owner, { ...owner, name: 'c' }] },
    [
      `${PATH}: Invalid value: ${JSON.stringify([
        { ...owner },
        { ...owner, name: 'c' },
      ])}: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/c`,
    ],
  ],
  [
    'two ways to go',
    { finalizers: ['orphan', 'foregroundDeletion'] },
    [
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  ],
])('metadata: %s', (_, metadata, expected) => {
  expect(textsOf(validateMetadata(objectOf({ metadata }), row))).toEqual(expected);
});

test('what changes', () => {
  const old = objectOf({ metadata: { uid: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const draft = objectOf({ metadata: { uid: 'b', finalizers: ['x.io/b', 'x.io/a'] } });
  expect(textsOf(validateMetadataUpdate(draft, old))).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/a", "x.io/b"}',
    'metadata.uid: Invalid value: "b": field is immutable',
    'metadata.deletionTimestamp: Invalid value: null: field is immutable',
  ]);
});
