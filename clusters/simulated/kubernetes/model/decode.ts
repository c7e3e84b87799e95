import type { KubeObject } from '../object.ts';
import { ApiError, badRequest } from '../status.ts';
import { countKeysInText, parseJson } from './json-text.ts';
import { isRetired, kindOfType, type KindOfType, parseApiVersion, typeOfKind } from './kinds.ts';
import { decodeProtobuf } from './protobuf.ts';
import { plainField } from './plain-field.ts';
import { schemaOf, type Shape, type TypeSchema } from './schema.ts';
import { strictProblems } from './strict.ts';
import { countKeys, toTyped, type Typed, UnmarshalError } from './typed.ts';
import { parseYaml } from './yaml-text.ts';

export interface Decoded {
  /** A fresh object that the caller owns. For a known type: without unknown fields and nulls, quantities and times in canonical form. */
  readonly object: KubeObject;
  /** What strict decoding finds, in upstream's words: `unknown field "spec.foo"`, `duplicate field "metadata.labels"`. */
  readonly problems: readonly string[];
}

const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/**
 * Reads the body of a request (apimachinery/pkg/runtime/serializer/json, apiserver/pkg/endpoints/handlers/create.go). `expected` names
 * the type in the model tables; undefined (custom resources) decodes as unstructured, where only metadata is typed. A body without
 * kind or apiVersion is taken for the expected one. Throws ApiError 400 for what cannot be read, 415 for a media type that is not known.
 */
export function decodeBody(body: Buffer, mediaType: string, expected: { readonly type: string } | undefined): Decoded {
  const essence = (mediaType.split(';')[0] ?? '').trim().toLowerCase();
  switch (essence) {
    case '':
    case 'application/json':
      return readObject(body, expected, () => {
        const text = body.toString('utf8');
        return { value: parseJson(text), text, problems: [] };
      });
    case 'application/yaml':
      return readObject(body, expected, () => {
        const { value, problems } = parseYaml(body.toString('utf8'));
        return { value, text: JSON.stringify(value), problems };
      });
    case 'application/vnd.kubernetes.protobuf':
      return readProtobuf(body, expected);
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
      );
  }
}

/**
 * A JSON value that never was a text (a patched object) read as `decodeBody` reads one, without the detour. Nothing of the result is
 * shared with the value, but for parts that have no schema.
 */
export function decodeValue(value: unknown, expected: { readonly type: string } | undefined): Decoded {
  return readObject(Buffer.alloc(0), expected, () => ({ value, text: undefined, problems: [] }));
}

interface Parsed {
  readonly value: unknown;
  /** The value as JSON, with the duplicate keys that it was given; undefined when there was no text that could hold any. */
  readonly text: string | undefined;
  /** What the parser found itself. */
  readonly problems: readonly string[];
}

function readObject(body: Buffer, expected: { readonly type: string } | undefined, parse: () => Parsed): Decoded {
  let known: Named | undefined;
  try {
    const { value, text, problems } = interpreted(parse);
    const named = (known = nameOf(value, expected === undefined ? undefined : kindOfType(expected.type)));
    const schema = expected === undefined ? holder : schemaOf(registered(named, expected.type));
    const read = expected === undefined ? untyped(value as Record<string, unknown>) : toTyped(value, schema);
    const clean = !read.unknown && (text === undefined || read.keys === countKeysInText(text));
    return {
      object: (expected === undefined
        ? read.object
        : { kind: named.kind, apiVersion: named.apiVersion, ...read.object }) as unknown as KubeObject,
      problems: clean ? problems : [...problems, ...strictProblems(text ?? JSON.stringify(value), schema)],
    };
  } catch (error) {
    if (!(error instanceof UnmarshalError)) throw error;
    throw undecodable(error.message, known, expected, body);
  }
}

interface Named {
  readonly kind: string;
  readonly version: string;
  readonly apiVersion: string;
}

/** Whatever fails before the kind is known is reported as upstream's SimpleMetaFactory does. */
function interpreted(parse: () => Parsed): Parsed {
  try {
    const parsed = parse();
    const { value } = parsed;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const label = Array.isArray(value)
        ? 'array'
        : value === null
          ? undefined
          : typeof value === 'boolean'
            ? 'bool'
            : typeof value;
      if (label === undefined) return { ...parsed, value: {} };
      throw new UnmarshalError(`json: cannot unmarshal ${label} into Go value of type ${metaStruct}`);
    }
    for (const field of ['apiVersion', 'kind'] as const) {
      const given = (value as Record<string, unknown>)[field];
      if (given === undefined || given === null || typeof given === 'string') continue;
      const label = Array.isArray(given) ? 'array' : typeof given === 'boolean' ? 'bool' : typeof given;
      throw new UnmarshalError(`json: cannot unmarshal ${label} into Go struct field .${field} of type string`);
    }
    return parsed;
  } catch (error) {
    if (!(error instanceof UnmarshalError)) throw error;
    throw new UnmarshalError(`couldn't get version/kind; json parse error: ${error.message}`, { cause: error });
  }
}

const metaStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function nameOf(value: unknown, fallback: KindOfType | undefined): Named {
  const { apiVersion, kind } = value as { apiVersion?: string | null; kind?: string | null };
  const own = apiVersion === undefined || apiVersion === null ? '' : apiVersion;
  const parsed = parseApiVersion(own);
  if (parsed === undefined) throw new UnmarshalError(`unexpected GroupVersion string: ${own}`);
  return {
    kind: kind === undefined || kind === null || kind === '' ? (fallback?.kind ?? '') : kind,
    version: parsed.version === '' ? (fallback?.version ?? '') : parsed.version,
    apiVersion: own === '' ? (fallback?.apiVersion ?? '') : own,
  };
}

/** The type that the body names, which must be the expected one. */
function registered({ kind, apiVersion }: Named, expected: string): string {
  const wanted = kindOfType(expected);
  if (kind === wanted.kind && apiVersion === wanted.apiVersion) return expected;
  const type = typeOfKind(apiVersion, kind);
  if (type === expected || (type !== undefined && kind === wanted.kind && type.includes('.meta.v1.'))) return expected;
  if (kind === wanted.kind && (type !== undefined || isRetired(apiVersion)))
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted.apiVersion})`,
    );
  if (type === undefined)
    throw new UnmarshalError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  const given = kindOfType(type);
  throw new UnmarshalError(
    `converting (${given.version}.${kind}) to (${wanted.package}.${wanted.kind}): unknown conversion`,
  );
}

/** endpoints/handlers/create.go, transformDecodeError. */
function undecodable(
  message: string,
  known: Named | undefined,
  expected: { readonly type: string } | undefined,
  body: Buffer,
): ApiError {
  const kind = expected === undefined ? (known?.kind ?? '') : kindOfType(expected.type).kind;
  if (known !== undefined && known.kind !== '')
    return badRequest(
      `${known.kind} in version ${JSON.stringify(known.version)} cannot be handled as a ${kind}: ${message}`,
    );
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${message} (${summary(body)})`);
}

/** endpoints/handlers/rest.go, summarizeData. */
function summary(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const start = body.subarray(0, 30);
  return `${body[0] === 123 ? start.toString('utf8') : start.toString('hex')}${body.length > 30 ? ' ...' : ''}`;
}

/** A custom resource: whatever fields it has, and metadata as a typed one's (apiextensions, schemaobjectmeta). */
function untyped(value: Record<string, unknown>): Typed {
  const { metadata, ...rest } = value;
  const { object, unknown, keys } = toTyped({ metadata: metadata ?? {} }, metadataOnly);
  const given = Object.hasOwn(value, 'metadata') ? keys : 0;
  return { object: { ...value, ...object }, unknown, keys: countKeys(rest) + given };
}

const objectMeta: Shape = { is: 'object', type: schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') };
const metadataField = plainField('metadata', objectMeta, { omitEmpty: false, goType: 'v1.ObjectMeta' });
/** A struct with the single field `metadata`, and one for strict decoding that takes any other field as well. */
const metadataOnly: TypeSchema = {
  name: 'v1.metadataOnlyObject',
  fields: [metadataField],
  wire: [],
  atomic: false,
  field: (name) => (name === 'metadata' ? metadataField : undefined),
};
const anyField = plainField('', { is: 'map', of: { is: 'string' } }, { omitEmpty: false });
const holder: TypeSchema = { ...metadataOnly, field: (name) => (name === 'metadata' ? metadataField : anyField) };

function readProtobuf(body: Buffer, expected: { readonly type: string } | undefined): Decoded {
  const { object, type } = decodeProtobuf(body, expected?.type);
  if (expected !== undefined) {
    // Bytes that name no kind are taken for the expected one.
    const { kind, apiVersion } = { ...kindOfType(expected.type), ...object };
    const named = { kind, apiVersion, version: apiVersion.split('/').at(-1) ?? '' };
    try {
      registered(named, expected.type);
    } catch (error) {
      if (!(error instanceof UnmarshalError)) throw error;
      throw undecodable(error.message, named, expected, body);
    }
  } else if (type === undefined) throw badRequest('custom resources have no protobuf form');
  return { object, problems: [] };
}
