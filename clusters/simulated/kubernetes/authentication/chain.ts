import type { Dial } from '../callout/https-call.ts';
import { ApiError } from '../status.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Authenticator, Credentials } from './authenticator.ts';
import { bootstrapTokens } from './bootstrap-tokens.ts';
import type { AuthenticationConfig } from './config.ts';
import { oidcTokens } from './oidc.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { staticTokens } from './static-tokens.ts';
import type { TokenAuthenticator, TokenOutcome } from './token-authenticator.ts';
import { ANONYMOUS, type UserInfo } from './user.ts';
import { webhookTokens } from './webhook-tokens.ts';

const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

/** Authenticates requests, and tokens alone for TokenReview. */
export interface AuthenticatorChain extends Authenticator {
  /** The first kind of token that knows it decides; `audiences` are those the asker accepts. */
  authenticateToken(token: string, audiences: readonly string[]): TokenOutcome | Promise<TokenOutcome>;
}

/**
 * The union of all authenticators in upstream's order (pkg/kubeapiserver/authenticator/config.go): client certificate, bearer tokens
 * (static, ServiceAccount, bootstrap, OIDC, webhook), then anonymous. Rejects with a 401 `ApiError` when what is shown is bad or nothing may pass;
 * never resolves to undefined. `system:authenticated` is in the groups already.
 */
export function buildAuthenticator(config: AuthenticationConfig, cluster: Cluster, dial: Dial): AuthenticatorChain {
  const kinds: readonly TokenAuthenticator[] = [
    staticTokens(config.tokens),
    serviceAccountTokens(config.serviceAccounts, cluster),
    ...(config.bootstrapTokens ? [bootstrapTokens(cluster)] : []),
    ...config.oidc.map((issuer) => oidcTokens(issuer, cluster.clock, dial)),
    ...(config.webhook ? [webhookTokens(config.webhook, cluster.clock, dial)] : []),
  ];
  const authenticateToken = (token: string, audiences: readonly string[]): TokenOutcome | Promise<TokenOutcome> =>
    askKinds(kinds, 0, token, audiences);
  return {
    authenticateToken,
    authenticate(credentials) {
      if (credentials.certificate !== undefined) return certificateUser(credentials.certificate);
      const token = bearerToken(credentials);
      if (token === undefined) {
        if (credentials.certificateRejected || !anonymousMay(config, credentials.path)) throw unauthorized();
        return ANONYMOUS;
      }
      const outcome = authenticateToken(token, config.serviceAccounts.apiAudiences);
      return outcome instanceof Promise ? outcome.then(userOrRefusal) : userOrRefusal(outcome);
    },
  };
}

function askKinds(
  kinds: readonly TokenAuthenticator[],
  from: number,
  token: string,
  audiences: readonly string[],
): TokenOutcome | Promise<TokenOutcome> {
  for (let at = from; at < kinds.length; at += 1) {
    const outcome = kinds[at]?.authenticateToken(token, audiences);
    if (outcome instanceof Promise) {
      return outcome.then((settled) =>
        settled.outcome === 'unknown' ? askKinds(kinds, at + 1, token, audiences) : settled,
      );
    }
    if (outcome !== undefined && outcome.outcome !== 'unknown') return outcome;
  }
  return { outcome: 'rejected', reason: 'invalid bearer token' };
}

function userOrRefusal(outcome: TokenOutcome): UserInfo {
  if (outcome.outcome !== 'accepted') throw unauthorized();
  return authenticated(outcome.user);
}

/** Adds the group every proven user is in, unless the user is anonymous in name (authentication/group/authenticated_group_adder.go). */
function authenticated(user: UserInfo): UserInfo {
  if (user.username === 'system:anonymous' || user.groups.includes('system:authenticated')) return user;
  if (user.groups.includes('system:unauthenticated')) return user;
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}

const certificateUser = ({
  commonName,
  organizations,
  fingerprint,
}: NonNullable<Credentials['certificate']>): UserInfo => ({
  username: commonName,
  groups: [...organizations, 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
});

function bearerToken({ authorization, webSocketToken }: Credentials): string | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').trim().split(' ');
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token;
  return webSocketToken === undefined || webSocketToken === '' ? undefined : webSocketToken;
}

const anonymousMay = ({ anonymous }: AuthenticationConfig, path: string): boolean =>
  anonymous.enabled && (anonymous.paths === undefined || anonymous.paths.includes(path));
