import { createHash } from 'node:crypto';
import type { Pod } from '../kubernetes/model/generated/objects.ts';

/** The number of a pod's sandbox as containerd tells it, in 64 hexadecimal digits. */
export const sandboxIdOf = ({ metadata: { uid = '' } }: Pod): string =>
  createHash('sha256').update(`sandbox ${uid}`).digest('hex');
