import type { KubeObject } from '../object.ts';

/** An object of a cluster's first minutes; `rest` may add to its metadata. */
export const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string | undefined,
  rest: object,
): KubeObject => {
  const { metadata, ...others } = rest as { metadata?: object };
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    ...others,
  };
};
