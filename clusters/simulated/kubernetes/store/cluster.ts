import type { Clock } from '../../clock.ts';
import type { KubeObject } from '../object.ts';
import type { UserInfo } from '../authentication/user.ts';
import type { Resource } from '../resources/resource.ts';

/**
 * The cluster's state as its own parts (admission, authorizers, controllers, kubelet, seeding) use it, in process.
 * Reads are synchronous and return frozen objects. Writes go through the same strategies, validation and admission as a request
 * over HTTP, so a controller cannot make what a client could not; they skip authentication and authorization.
 */
export interface Cluster {
  readonly clock: Clock;
  /** Every resource served now, custom ones too. */
  resources(): readonly Resource[];
  /** Row by plural and group; throws for one that is not served. */
  resource(plural: string, group?: string): Resource;
  resourceOfKind(apiVersion: string, kind: string): Resource | undefined;
  /** The namespace is ignored for cluster-scoped resources. */
  get(resource: Resource, namespace: string, name: string): KubeObject | undefined;
  /** In key order; every namespace when it is undefined. */
  list(resource: Resource, namespace?: string): readonly KubeObject[];
  /** Tells of every later change in order, synchronously after the write; `old` is absent for an ADDED, `object` is the last state for a DELETED. */
  watch(resource: Resource, listener: (event: StoreEvent) => void): Disposable;
  create(resource: Resource, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** With metadata.resourceVersion set, a stale one is a 409 `ApiError`. `subresource: 'status'` changes the status alone. */
  update(resource: Resource, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Reads, lets `change` edit a clone (returning false for "nothing to do"), writes, and retries on conflict. Undefined when the object is gone. */
  modify(
    resource: Resource,
    key: { namespace: string; name: string },
    change: (draft: KubeObject) => boolean | void,
    options?: WriteOptions,
  ): Promise<KubeObject | undefined>;
  /** Deletes as DELETE would: grace, finalizers and propagation hold. Resolves for one that is gone already. */
  delete(resource: Resource, namespace: string, name: string, options?: DeleteOptions): Promise<void>;
}

export interface WriteOptions {
  readonly user?: UserInfo;
  /** Manager name for managedFields. */
  readonly fieldManager?: string;
  readonly subresource?: 'status' | 'scale' | 'ephemeralcontainers' | 'binding' | 'approval' | 'finalize';
  readonly dryRun?: boolean;
}

export interface DeleteOptions {
  readonly user?: UserInfo;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly old?: KubeObject;
  readonly revision: number;
}
