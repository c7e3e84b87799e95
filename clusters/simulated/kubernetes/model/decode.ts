import type { KubeObject } from '../object.ts';

export interface Decoded {
  /** A fresh object that the caller owns. For a known type: without unknown fields and nulls, quantities and times in canonical form. */
  readonly object: KubeObject;
  /** What strict decoding finds, in upstream's words: `unknown field "spec.foo"`, `duplicate field "metadata.labels"`. */
  readonly problems: readonly string[];
}

/**
 * Reads the body of a request (apimachinery/pkg/runtime/serializer). `expected` names the type in the model tables; undefined (custom
 * resources) decodes as unstructured, where only metadata is typed.
 * Throws ApiError 400 for what cannot be read, 415 for a media type that is not known.
 */
export function decodeBody(_body: Buffer, _mediaType: string, _expected: { readonly type: string } | undefined): Decoded {
  throw new Error('not ready');
}
