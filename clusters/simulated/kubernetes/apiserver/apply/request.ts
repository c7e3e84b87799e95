import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';

/** One apply of a configuration by a manager. */
export interface ServerSideApply {
  readonly row: Resource;
  readonly live: KubeObject | undefined;
  /** As the client sent it, decoded but not defaulted. */
  readonly configuration: KubeObject;
  readonly manager: string;
  readonly subresource: string;
  readonly force: boolean;
  /** RFC 3339. */
  readonly now: string;
}
