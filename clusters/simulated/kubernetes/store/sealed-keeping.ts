import type { EncryptionAtRest, SecretTransformer } from '../encryption/transformer.ts';
import { decodeProtobuf, encodeProtobuf } from '../model/protobuf.ts';
import { deepFreeze, type KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Keeping, Kept } from './shelf.ts';

/**
 * Keeps objects as the bytes etcd would hold: what encryption at rest makes of their protobuf. Reading goes through a cache by those
 * bytes, so that an object is decoded once and stays the same object as long as its bytes lie there.
 */
export function sealedKeeping(row: Resource, encryption: EncryptionAtRest): Keeping {
  const transformer = encryption.transformerFor(row);
  const decoded = new WeakMap<Buffer, KubeObject>();
  return {
    keep(key, object) {
      const { resourceVersion: _, ...metadata } = object.metadata;
      const plain = storedBytes({ ...object, metadata }, row);
      const bytes = transformer ? transformer.toStorage(`${row.storagePrefix}/${key}`, plain) : plain;
      decoded.set(bytes, object);
      return bytes;
    },
    recall(key, kept, revision) {
      if (!Buffer.isBuffer(kept)) return kept;
      const known = decoded.get(kept);
      if (known) return known;
      const { object } = decodeProtobuf(openBytes(`${row.storagePrefix}/${key}`, kept, transformer));
      object.metadata.resourceVersion = String(revision);
      decoded.set(kept, deepFreeze(object));
      return object;
    },
    isStale: (key, kept) =>
      Buffer.isBuffer(kept) &&
      transformer !== undefined &&
      transformer.fromStorage(`${row.storagePrefix}/${key}`, kept).stale,
  };
}

function openBytes(key: string, kept: Buffer, transformer: SecretTransformer | undefined): Buffer {
  return transformer ? transformer.fromStorage(key, kept).plain : kept;
}

/** An object as etcd holds it without encryption: protobuf for built-in kinds, JSON for custom ones. */
function storedBytes(object: KubeObject, row: Resource): Buffer {
  return row.type === '' ? Buffer.from(`${JSON.stringify(object)}\n`) : encodeProtobuf(object, row.type);
}

/** The bytes at rest of an entry, whichever way it is kept. */
export function bytesAtRest(kept: Kept, row: Resource): Buffer {
  if (Buffer.isBuffer(kept)) return kept;
  const { resourceVersion: _, ...metadata } = kept.metadata;
  return storedBytes({ ...kept, metadata }, row);
}
