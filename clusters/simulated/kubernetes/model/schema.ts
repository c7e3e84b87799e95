/**
 * What the API's types look like: field names, shapes, and the facts that patching, server-side apply, protobuf and OpenAPI
 * need of them. Names are those of the OpenAPI documents (`io.k8s.api.core.v1.Pod`).
 */
export interface TypeSchema {
  readonly name: string;
  /** In the order of the Go struct, which is the order in which kube-apiserver writes JSON. */
  readonly fields: readonly FieldSchema[];
  field(name: string): FieldSchema | undefined;
}

export interface FieldSchema {
  /** The name in JSON; empty for a struct that is inlined into its parent has no place here: its fields are the parent's. */
  readonly name: string;
  readonly shape: Shape;
  /** Listed as required in OpenAPI. */
  readonly required: boolean;
  /** A pointer in Go: its zero value is kept, `omitempty` leaves out only what was not given. */
  readonly pointer: boolean;
  /** `omitempty` (or `omitzero`): a zero value is not written. */
  readonly omitEmpty: boolean;
  /** Strategic merge: `merge`, `replace`, `retainKeys`, in any combination upstream uses. Empty means the default, replace. */
  readonly patchStrategy: readonly ('merge' | 'replace' | 'retainKeys')[];
  readonly patchMergeKey?: string;
  /** Server-side apply. `atomic` unless said, for lists; maps and structs are `granular` unless said. */
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listMapKeys: readonly string[];
  readonly mapType: 'granular' | 'atomic';
  /** Field number in protobuf, 0 when the field has none. */
  readonly number: number;
}

export type Shape =
  | { readonly is: Scalar }
  | { readonly is: 'object'; readonly type: TypeSchema }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'map'; readonly of: Shape };

/**
 * `bytes` is base64 in JSON; `time` RFC 3339 in seconds, `microTime` in microseconds; `duration` a Go duration (`1m0s`);
 * `quantity` and `intOrString` are strings or numbers; `any` is whatever JSON there is (RawExtension, JSON, FieldsV1).
 */
export type Scalar =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString'
  | 'any';

/** The schema of a type by its OpenAPI name; throws for one that the API does not have. Cheap: built when first asked for, then shared. */
export function schemaOf(_type: string): TypeSchema {
  throw new Error('not ready');
}
