import type { Authorizer } from '../authorization/authorizer.ts';
import type { Cluster } from '../store/cluster.ts';
import type { AdmissionRequest } from './plugin.ts';

export interface AdmissionConfig {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
  /** Configuration of single plugins by their name, decoded from `--admission-control-config-file`. */
  readonly plugins: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Both throw or reject with the `ApiError` of the plugin that denies. They return a promise only when a plugin needs one: await the result. */
export interface Admission extends Disposable {
  mutate(request: AdmissionRequest): void | Promise<void>;
  validate(request: AdmissionRequest): void | Promise<void>;
}

/** The enabled plugins in upstream's order (pkg/kubeapiserver/options/plugins.go). RBAC's escalation checks are part of `mutate`'s end. */
export function buildAdmission(_config: AdmissionConfig, _cluster: Cluster, _authorizer: Authorizer): Admission {
  throw new Error('in the making');
}
