import type { Cluster } from '../store/cluster.ts';
import type { Authenticator } from './authenticator.ts';
import type { AuthenticationConfig } from './config.ts';

/**
 * The union of all authenticators in upstream's order (pkg/kubeapiserver/authenticator/config.go): client certificate, bearer tokens
 * (static, ServiceAccount, bootstrap, OIDC), then anonymous. Rejects with a 401 `ApiError` when what is shown is bad or nothing may pass;
 * never resolves to undefined. `system:authenticated` is in the groups already.
 */
export function buildAuthenticator(_config: AuthenticationConfig, _cluster: Cluster): Authenticator {
  throw new Error('in the making');
}
