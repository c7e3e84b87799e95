import type { KubeObject } from '../object.ts';

/** The object as Kubernetes protobuf: `k8s\0`, then runtime.Unknown around the message. `type` names it in the model tables. */
export function encodeProtobuf(_object: KubeObject, _type: string): Buffer {
  throw new Error('not ready');
}

/** Reads what `encodeProtobuf` writes, by any client. Throws ApiError 400 for malformed bytes or a kind that the tables do not have. */
export function decodeProtobuf(_bytes: Uint8Array): { object: KubeObject; type: string } {
  throw new Error('not ready');
}
