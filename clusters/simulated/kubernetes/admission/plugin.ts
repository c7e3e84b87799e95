import type { UserInfo } from '../authentication/user.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Reinvocation } from './reinvocation.ts';

/** apiserver/pkg/admission/interfaces.go Attributes. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: Resource;
  /** The row that was asked for, where a rule for another version of it is why this is shown as `resource`. */
  readonly requested?: Resource;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** A mutable draft in `mutate`, frozen in `validate`; undefined for DELETE. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** CreateOptions, UpdateOptions, DeleteOptions or the options of a CONNECT. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  /** Adds a `299` warning header. */
  warn(text: string): void;
  /** Adds an annotation to the audit event. */
  annotate(key: string, value: string): void;
}

/** Denies by throwing an `ApiError`. */
export interface AdmissionPlugin {
  /** As `--enable-admission-plugins` spells it. */
  readonly name: string;
  /** Run a second time when one of those it is run with changed the object on somebody's behalf. */
  mutate?(request: AdmissionRequest, cluster: Cluster, run: Reinvocation): void | Promise<void>;
  validate?(request: AdmissionRequest, cluster: Cluster): void | Promise<void>;
}
