import type { KubeObject } from '../../object.ts';
import { prune } from '../../resources/custom/structural.ts';

/** Takes what its schema does not know out of a custom resource; returns what that was, as strict decoding says it. */
export const pruneCustom = (
  { schema }: { schema?: Readonly<Record<string, unknown>> },
  object: KubeObject,
): readonly string[] => (schema ? prune(object, schema, true) : []);
