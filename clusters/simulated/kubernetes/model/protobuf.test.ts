import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import { ApiError } from '../status.ts';
import { decodeBody } from './decode.ts';
import { kindOfType } from './kinds.ts';
import { decodeProtobuf, encodeProtobuf } from './protobuf.ts';
import { schemaOf, type Shape, typeNames } from './schema.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

/** Any value of a shape, small enough for recursive schemas to end. Protobuf cannot tell an empty list from a missing one: `filled` has some. */
function valueOf(shape: Shape, depth: number, filled = false): fc.Arbitrary<unknown> {
  switch (shape.is) {
    case 'string':
      return fc.string({ maxLength: 8 });
    case 'bool':
      return fc.boolean();
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
    case 'bytes':
      return fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'time':
      return fc.integer({ min: 0, max: 4e9 }).map((s) => `${new Date(s * 1000).toISOString().slice(0, 19)}Z`);
    case 'microTime':
      return fc.integer({ min: 0, max: 4e9 }).map((s) => `${new Date(s * 1000).toISOString().slice(0, 19)}.123456Z`);
    case 'duration':
      return fc.constantFrom('0s', '1m0s', '1.5s', '1h0m10s');
    case 'quantity':
      return fc.constantFrom('0', '100m', '1', '1536Mi', '2G');
    case 'intOrString':
      return fc.oneof(fc.integer(), fc.string({ maxLength: 5 }));
    case 'any':
      return shape.as.startsWith('schema') ? fc.constant({ type: 'string' }) : fc.constant({ a: [1, { b: null }] });
    case 'list':
      return fc.array(valueOf(shape.of, depth), { minLength: filled ? 1 : 0, maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), valueOf(shape.of, depth), {
        minKeys: filled ? 1 : 0,
        maxKeys: 2,
      });
    case 'object':
      break;
  }
  if (depth > 3) return fc.constant({});
  // Fields without a number are not on the wire: kind and apiVersion within a list, alpha fields of the newest release.
  const fields = shape.type.fields.filter((field) => !field.retired && field.number > 0);
  return fc
    .subarray(fields, { maxLength: Math.min(5, fields.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((field) => [field.name, valueOf(field.shape, depth + 1, !field.omitEmpty)])),
      ),
    );
}

/** Kinds that requests carry. */
const kinds = typeNames().filter((name) => {
  const { fields, wire } = schemaOf(name);
  return fields.some((field) => field.name === 'kind' && field.number === 0) && wire.some((part) => part.number > 0);
});

test('whatever JSON holds survives protobuf, kind by kind', () => {
  expect(kinds.length).toBeGreaterThan(100);
  for (const type of kinds) {
    const { kind, apiVersion } = kindOfType(type);
    fc.assert(
      fc.property(valueOf({ is: 'object', type: schemaOf(type) }, 0), (value) => {
        const text = JSON.stringify({ ...(value as object), kind, apiVersion });
        const { object } = decodeBody(Buffer.from(text), 'application/json', { type });
        const back = decodeProtobuf(encodeProtobuf(object, type));
        expect(back.object).toEqual(object);
        expect(JSON.stringify(back.object)).toBe(JSON.stringify(object));
      }),
      { numRuns: 10 },
    );
  }
});

test('the envelope is the one of upstream', () => {
  const object: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  const bytes = encodeProtobuf(object, 'io.k8s.api.core.v1.Pod');
  expect(bytes.subarray(0, 15).toString('latin1')).toBe('k8s\0\n\t\n\x02v1\x12\x03Pod');
  expect(bytes.subarray(-4)).toEqual(Buffer.from([0x1a, 0, 0x22, 0]));
});

describe('bytes that are no object are a 400', () => {
  const good = encodeProtobuf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, 'io.k8s.api.core.v1.Pod');

  test.each([
    ['nothing', Buffer.alloc(0), /^empty data$/],
    [
      'JSON',
      Buffer.from('{}'),
      /^provided data does not appear to be a protobuf message, expected prefix \[107 56 115 0\]$/,
    ],
    ['a cut message', good.subarray(0, 30), /^unexpected EOF$/],
    [
      'an unknown kind',
      Buffer.from('k8s\0\n\x09\n\x02v1\x12\x03Foo', 'latin1'),
      /^no kind "Foo" is registered for version "v1" in scheme/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeProtobuf(bytes)).toThrow(message);
  });

  test('damage never escapes as another error', () => {
    const damage = (): void =>
      fc.assert(
        fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
          const damaged = Buffer.from(good);
          damaged[at] = byte;
          let thrown: unknown;
          try {
            decodeProtobuf(damaged);
          } catch (error) {
            thrown = error;
          }
          return thrown === undefined || thrown instanceof ApiError;
        }),
        { numRuns: 2000 },
      );
    expect(damage).not.toThrow();
  });
});
