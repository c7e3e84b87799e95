import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import { UNKNOWN_TOKEN, type TokenAuthenticator, type TokenOutcome } from './token-authenticator.ts';

const rejected: TokenOutcome = { outcome: 'rejected', reason: 'invalid bearer token' };

/** Tokens of Secrets kube-system/bootstrap-token-<id> (plugin/pkg/auth/authenticator/token/bootstrap). */
export const bootstrapTokens = (cluster: Cluster): TokenAuthenticator => ({
  authenticateToken(token) {
    const [, id = '', secret = ''] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
    if (id === '') return UNKNOWN_TOKEN;
    const object = cluster.get(cluster.resource('secrets'), 'kube-system', `bootstrap-token-${id}`);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return UNKNOWN_TOKEN;
    if (object['type'] !== 'bootstrap.kubernetes.io/token') return UNKNOWN_TOKEN;
    const data = decoded(object);
    if (data('token-id') !== id || data('token-secret') !== secret) return rejected;
    const expiration = data('expiration');
    if (expiration !== undefined && !(Date.parse(expiration) > cluster.clock.now())) return rejected;
    if (data('usage-bootstrap-authentication') !== 'true') return UNKNOWN_TOKEN;
    const extra = (data('auth-extra-groups') ?? '').split(',').filter((group) => group !== '');
    if (extra.some((group) => !/^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group))) return rejected;
    return {
      outcome: 'accepted',
      user: { username: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra.sort()], extra: {} },
      audiences: undefined,
    };
  },
});

function decoded(secret: KubeObject): (field: string) => string | undefined {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>;
  return (field) => (data[field] === undefined ? undefined : Buffer.from(data[field], 'base64').toString('utf8'));
}
