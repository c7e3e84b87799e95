import { ApiError } from '../status.ts';
import type { Provider } from './providers.ts';

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

/** Writes with the first provider and reads with the first whose prefix fits (NewPrefixTransformers). */
export function transformer(providers: readonly Provider[]): SecretTransformer {
  const [first] = providers;
  return {
    toStorage(key, plain) {
      return first === undefined ? plain : Buffer.concat([Buffer.from(first.prefix), first.encrypt(plain, key)]);
    },
    fromStorage(key, stored) {
      const errors: string[] = [];
      for (const [at, provider] of providers.entries()) {
        const { prefix } = provider;
        if (stored.subarray(0, prefix.length).toString('latin1') !== prefix) continue;
        try {
          return { plain: provider.decrypt(stored.subarray(prefix.length), key), stale: at > 0 };
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error));
        }
      }
      const why =
        errors.length === 0 ? 'no matching prefix found' : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
      throw new ApiError(
        500,
        'InternalError',
        `Internal error occurred: unable to transform key ${JSON.stringify(key)}: ${why}`,
        {
          causes: [
            { reason: 'UnexpectedServerResponse', message: `unable to transform key ${JSON.stringify(key)}: ${why}` },
          ],
        },
      );
    },
  };
}
