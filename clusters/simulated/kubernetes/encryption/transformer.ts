/**
 * Between an object's bytes and the bytes etcd holds (apiserver/pkg/storage/value/transformer.go). `key` is the etcd key
 * (`/registry/secrets/ns/name`), authenticated as associated data by the providers that can.
 */
export interface SecretTransformer {
  toStorage(key: string, plain: Buffer): Buffer;
  /** `stale` when another provider than the first wrote it. Throws an `ApiError` 500 with upstream's words when no provider reads it. */
  fromStorage(key: string, stored: Buffer): { readonly plain: Buffer; readonly stale: boolean };
}

export interface EncryptionAtRest {
  /** Undefined for resources that are stored plain. */
  transformerFor(resource: { readonly group: string; readonly plural: string }): SecretTransformer | undefined;
}

export const STORED_PLAIN: EncryptionAtRest = { transformerFor: () => undefined };
