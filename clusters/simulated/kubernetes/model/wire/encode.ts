import { formatQuantity, parseQuantity } from '../quantity.ts';
import { parseDuration } from '../duration.ts';
import { type FieldSchema, type Opaque, schemaOf, type Shape, type TypeSchema } from '../schema.ts';
import { Writer } from './writer.ts';

type Fields = Readonly<Record<string, unknown>>;

const propsType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The object as the message of its type, byte for byte as gogo's generated code marshals the Go struct: fields by number, those that are
 * no pointers always written, maps sorted by key.
 */
export function encodeMessage(object: Fields, schema: TypeSchema): Buffer {
  const writer = new Writer();
  writeStruct(writer, object, schema);
  return writer.finish();
}

const descending = new WeakMap<TypeSchema, TypeSchema['wire']>();

function writeStruct(writer: Writer, value: Fields, schema: TypeSchema): void {
  let parts = descending.get(schema);
  if (parts === undefined) {
    parts = schema.wire.filter((part) => part.number > 0).toSorted((a, b) => b.number - a.number);
    descending.set(schema, parts);
  }
  for (const { number, field, inlined } of parts) {
    if (inlined === undefined) {
      writeField(writer, value[field.name], field);
      continue;
    }
    const before = writer.length;
    writeStruct(writer, value, inlined);
    writer.close(number, before);
  }
}

function writeField(writer: Writer, given: unknown, { number, shape, pointer }: FieldSchema): void {
  const value = given ?? undefined;
  if (value === undefined && (pointer || shape.is === 'bytes')) return;
  if (shape.is === 'map') {
    if (isFields(value))
      for (const key of Object.keys(value).sort().reverse()) {
        const before = writer.length;
        writeValue(writer, 2, value[key], shape.of);
        writer.text(1, key);
        writer.close(number, before);
      }
  } else if (shape.is === 'list' && !shape.message) {
    if (Array.isArray(value))
      for (let i = value.length - 1; i >= 0; i--) writeValue(writer, number, value[i], shape.of);
  } else writeValue(writer, number, value, shape);
}

/** One value with its tag. A missing one is Go's zero value. */
function writeValue(writer: Writer, number: number, value: unknown, shape: Shape): void {
  const before = writer.length;
  switch (shape.is) {
    case 'string':
      writer.text(number, typeof value === 'string' ? value : '');
      return;
    case 'bool':
      writer.varint(value === true ? 1 : 0);
      writer.tag(number, 0);
      return;
    case 'int32':
    case 'int64':
      writer.varint(typeof value === 'number' ? value : 0);
      writer.tag(number, 0);
      return;
    case 'double':
      writer.double(typeof value === 'number' ? value : 0);
      writer.tag(number, 1);
      return;
    case 'bytes':
      writer.bytes(number, Buffer.from(typeof value === 'string' ? value : '', 'base64'));
      return;
    case 'object':
      writeStruct(writer, isFields(value) ? value : {}, shape.type);
      break;
    case 'list':
      if (Array.isArray(value)) for (let i = value.length - 1; i >= 0; i--) writeValue(writer, 1, value[i], shape.of);
      break;
    case 'map':
      throw new Error('protobuf has no map of maps');
    case 'time':
    case 'microTime':
      if (typeof value === 'string') writeTime(writer, value, shape.is === 'microTime');
      break;
    case 'duration':
      writer.varint(typeof value === 'string' ? parseDuration(value) : 0);
      writer.tag(1, 0);
      break;
    case 'quantity':
      writer.text(
        1,
        formatQuantity(parseQuantity(typeof value === 'string' || typeof value === 'number' ? `${value}` : '0')),
      );
      break;
    case 'intOrString':
      writer.text(3, typeof value === 'string' ? value : '');
      writer.varint(typeof value === 'number' ? value : 0);
      writer.tag(2, 0);
      writer.varint(typeof value === 'string' ? 1 : 0);
      writer.tag(1, 0);
      break;
    case 'any':
      writeOpaque(writer, value, shape.as);
      break;
  }
  writer.close(number, before);
}

function writeTime(writer: Writer, text: string, micro: boolean): void {
  const seconds = Math.floor(Date.parse(`${text.slice(0, 19)}Z`) / 1000);
  writer.varint(micro ? Number(text.slice(20, 26)) * 1000 : 0);
  writer.tag(2, 0);
  writer.varint(seconds);
  writer.tag(1, 0);
}

function writeOpaque(writer: Writer, value: unknown, as: Opaque): void {
  if (value === undefined || value === null) return;
  const props = (number: number, schema: unknown): void => {
    const before = writer.length;
    writeStruct(writer, isFields(schema) ? schema : {}, schemaOf(propsType));
    writer.close(number, before);
  };
  switch (as) {
    case 'rawExtension':
    case 'json':
    case 'fieldsV1':
      writer.text(1, JSON.stringify(value));
      return;
    case 'schemaOrArray':
      if (Array.isArray(value)) for (const item of value.toReversed()) props(2, item);
      else props(1, value);
      return;
    case 'schemaOrBool':
      if (isFields(value)) props(2, value);
      // Upstream reads `{…}` as allowed.
      writer.varint(value === false ? 0 : 1);
      writer.tag(1, 0);
      return;
    case 'schemaOrStrings':
      if (Array.isArray(value)) for (const item of value.toReversed()) writer.text(2, String(item));
      else props(1, value);
      return;
  }
}
