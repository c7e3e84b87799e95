import type { KubeObject } from '../object.ts';
import { badRequest } from '../status.ts';
import { parseJson } from './json-text.ts';
import { typeOfKind } from './kinds.ts';
import { schemaOf } from './schema.ts';
import { toTyped, UnmarshalError } from './typed.ts';
import { decodeMessage } from './wire/decode.ts';
import { encodeMessage } from './wire/encode.ts';
import { Reader, WireError } from './wire/reader.ts';
import { Writer } from './wire/writer.ts';

/** apimachinery/pkg/runtime/serializer/protobuf: every object starts with it. */
const magic = Buffer.from('k8s\0', 'latin1');

/** The object as Kubernetes protobuf: `k8s\0`, then runtime.Unknown around the message. `type` names it in the model tables. */
export function encodeProtobuf(object: KubeObject, type: string): Buffer {
  const writer = new Writer(1024);
  writer.text(4, ''); // contentType
  writer.text(3, ''); // contentEncoding
  writer.bytes(2, encodeMessage(object, schemaOf(type)));
  const before = writer.length;
  writer.text(2, object.kind ?? '');
  writer.text(1, object.apiVersion ?? '');
  writer.close(1, before);
  writer.raw(magic);
  return writer.finish();
}

/**
 * Reads what `encodeProtobuf` writes, by any client. Throws ApiError 400 for malformed bytes or a kind that the tables do not have.
 * Bytes that name no kind are taken for `expected`. kind and apiVersion come first in the object, the rest is as `decodeBody` leaves it.
 */
export function decodeProtobuf(bytes: Uint8Array, expected?: string): { object: KubeObject; type: string } {
  try {
    return readEnvelope(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, expected);
  } catch (error) {
    if (error instanceof WireError || error instanceof UnmarshalError) throw badRequest(error.message);
    throw error;
  }
}

function readEnvelope(buffer: Buffer, depth: number, expected?: string): { object: KubeObject; type: string } {
  if (buffer.length === 0) throw new WireError('empty data');
  if (!buffer.subarray(0, 4).equals(magic))
    throw new WireError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  if (depth > 8) throw new WireError('proto: message is nested too deep');
  const envelope = new Reader(buffer, 4);
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  while (!envelope.done) {
    const { number, wireType } = envelope.tag();
    if (wireType !== 2 || number > 2) envelope.skip(wireType);
    else if (number === 2) raw = envelope.bytes();
    else {
      const meta = envelope.message();
      while (!meta.done) {
        const part = meta.tag();
        if (part.wireType !== 2 || part.number > 2) meta.skip(part.wireType);
        else if (part.number === 1) apiVersion = meta.bytes().toString('utf8');
        else kind = meta.bytes().toString('utf8');
      }
    }
  }
  const type = kind === '' && apiVersion === '' ? expected : typeOfKind(apiVersion, kind);
  if (type === undefined)
    throw new WireError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  const schema = schemaOf(type);
  const fields = decodeMessage(raw, schema, (inner) =>
    inner.subarray(0, 4).equals(magic) ? readEnvelope(inner, depth + 1).object : parseJson(inner.toString('utf8')),
  );
  const { object } = toTyped(fields, schema, { retired: true });
  // WatchEvent alone has neither kind nor apiVersion.
  const named = kind === '' ? {} : { kind, apiVersion };
  return { object: { ...named, ...object } as unknown as KubeObject, type };
}
