import type { KubeObject } from '../object.ts';
import { badRequest } from '../status.ts';
import type { AuthenticatorChain } from './chain.ts';

/**
 * Answers a TokenReview (pkg/registry/authentication/tokenreview/storage.go): the review with its status. Throws a 400 `ApiError` for one
 * without a token.
 */
export async function reviewToken(
  review: KubeObject,
  authenticator: AuthenticatorChain,
  apiAudiences: readonly string[],
): Promise<KubeObject> {
  const { token = '', audiences = [] } = (review['spec'] ?? {}) as { token?: string; audiences?: readonly string[] };
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const outcome = await authenticator.authenticateToken(token, audiences.length === 0 ? apiAudiences : audiences);
  const answer = { ...review, apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview' };
  if (outcome.outcome !== 'accepted') {
    const reason = outcome.outcome === 'rejected' ? outcome.reason : 'invalid bearer token';
    const error = reason === 'invalid bearer token' ? reason : `[invalid bearer token, ${reason}]`;
    return { ...answer, status: { user: {}, error } };
  }
  const { username, uid, groups, extra } = outcome.user;
  return {
    ...answer,
    status: {
      authenticated: true,
      user: {
        username,
        ...(uid === undefined ? {} : { uid }),
        groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
        ...(Object.keys(extra).length === 0 ? {} : { extra }),
      },
      audiences: outcome.audiences ?? (audiences.length === 0 ? apiAudiences : audiences),
    },
  };
}
