import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { ServiceAccountConfig } from './config.ts';
import { keyIdOf, readJwt, verifies, type Jwt } from './jwt.ts';
import { UNKNOWN_TOKEN, type TokenAuthenticator, type TokenOutcome } from './token-authenticator.ts';
import { SYSTEM_USER, type UserInfo } from './user.ts';

export const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount/';
/** Tokens whose signature is known to be good; verifying one takes 0.1 ms. What they name is looked up each time. */
const MAX_VERIFIED = 1024;
/** A pod's token outlives the beginning of its deletion by a minute (pkg/serviceaccount/claims.go). */
const DELETION_LEEWAY_MS = 60_000;

interface Ref {
  readonly name: string;
  readonly uid: string;
}

/** The private claim `kubernetes.io` of bound tokens. */
interface Bound {
  readonly namespace: string;
  readonly serviceaccount: Ref;
  readonly pod?: Ref;
  readonly secret?: Ref;
  readonly node?: Ref;
}

const reject = (reason: string): TokenOutcome => ({ outcome: 'rejected', reason });
const INVALIDATED = reject('service account token has been invalidated');

/** Bound and legacy ServiceAccount tokens (pkg/serviceaccount/jwt.go, claims.go, legacy.go), with upstream's reasons. */
export function serviceAccountTokens(config: ServiceAccountConfig, cluster: Cluster): TokenAuthenticator {
  const issuers = new Set([...config.issuers, LEGACY_ISSUER]);
  const keys = config.keys.map((key) => ({ key, id: keyIdOf(key) }));
  const verified = new Set<string>();

  const signedByUs = (token: string, jwt: Jwt): boolean => {
    if (verified.has(token)) return true;
    const named = keys.filter(({ id }) => id === jwt.header.kid);
    if (!(named.length > 0 ? named : keys).some(({ key }) => verifies(jwt, key))) return false;
    if (verified.size >= MAX_VERIFIED) verified.clear();
    verified.add(token);
    return true;
  };

  return {
    authenticateToken(token, audiences) {
      const jwt = readJwt(token);
      if (jwt === undefined || typeof jwt.claims['iss'] !== 'string' || !issuers.has(jwt.claims['iss']))
        return UNKNOWN_TOKEN;
      if (!signedByUs(token, jwt)) return reject('invalid signature');
      if (jwt.claims['iss'] === LEGACY_ISSUER) return legacyUser(jwt, token, audiences, config, cluster);
      return boundUser(jwt, audiences, config, cluster);
    },
  };
}

function boundUser(
  jwt: Jwt,
  audiences: readonly string[],
  config: ServiceAccountConfig,
  cluster: Cluster,
): TokenOutcome {
  const { claims } = jwt;
  const given = typeof claims['aud'] === 'string' ? [claims['aud']] : Array.isArray(claims['aud']) ? claims['aud'] : [];
  const accepted = audiences.filter((audience) => given.includes(audience));
  if (accepted.length === 0)
    return reject(`token audiences ${goList(given)} is invalid for the target audiences ${goList(audiences)}`);
  const now = cluster.clock.now();
  const seconds = now / 1000;
  if (!(Number(claims['exp']) > seconds)) return reject('service account token has expired');
  if (Number(claims['nbf']) > seconds) return reject('service account token is not valid yet');
  const bound = claims['kubernetes.io'] as Bound | undefined;
  if (bound?.serviceaccount === undefined) return reject('service account token claims could not be validated');
  const { namespace, serviceaccount, pod, secret, node } = bound;
  if (config.lookup) {
    const account = cluster.get(cluster.resource('serviceaccounts'), namespace, serviceaccount.name);
    if (account === undefined) return reject(`serviceaccounts "${serviceaccount.name}" not found`);
    if (account.metadata.uid !== serviceaccount.uid) {
      return reject(`service account UID (${account.metadata.uid ?? ''}) does not match claim (${serviceaccount.uid})`);
    }
    if (gone(account, now)) return INVALIDATED;
    if (pod !== undefined && !alive(cluster.get(cluster.resource('pods'), namespace, pod.name), pod, now))
      return INVALIDATED;
    if (secret !== undefined && !alive(cluster.get(cluster.resource('secrets'), namespace, secret.name), secret, now)) {
      return INVALIDATED;
    }
    if (
      node !== undefined &&
      pod === undefined &&
      !alive(cluster.get(cluster.resource('nodes'), '', node.name), node, now)
    ) {
      return INVALIDATED;
    }
  }
  const extra: Record<string, readonly string[]> = {};
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) extra[`authentication.kubernetes.io/${key}`] = [value];
  };
  add('credential-id', typeof claims['jti'] === 'string' ? `JTI=${claims['jti']}` : undefined);
  add('node-name', node?.name);
  add('node-uid', node?.uid);
  add('pod-name', pod?.name);
  add('pod-uid', pod?.uid);
  return {
    outcome: 'accepted',
    user: accountUser(namespace, serviceaccount.name, serviceaccount.uid, extra),
    audiences: accepted,
  };
}

const gone = ({ metadata }: KubeObject, now: number): boolean =>
  metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) < now - DELETION_LEEWAY_MS;

const alive = (object: KubeObject | undefined, ref: Ref, now: number): boolean =>
  object !== undefined && object.metadata.uid === ref.uid && !gone(object, now);

const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';
const LAST_USED = 'kubernetes.io/legacy-token-last-used';

/** The Secret says on what day its token was last used (pkg/serviceaccount/legacy.go patchSecretWithLastUsedDate). */
function noteUse({ metadata: { name, namespace = '', labels } }: KubeObject, cluster: Cluster): void {
  const today = new Date(cluster.clock.now()).toISOString().slice(0, 10);
  if (labels?.[LAST_USED] === today) return;
  const noted = cluster.modify(
    cluster.resource('secrets'),
    { namespace, name },
    (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, [LAST_USED]: today };
    },
    { user: SYSTEM_USER, fieldManager: 'kube-apiserver' },
  );
  noted.catch(() => undefined); // gone or changed meanwhile; the next use tries again
}

function legacyUser(
  { claims }: Jwt,
  token: string,
  audiences: readonly string[],
  config: ServiceAccountConfig,
  cluster: Cluster,
): TokenOutcome {
  const claim = (name: string): string =>
    typeof claims[LEGACY + name] === 'string' ? String(claims[LEGACY + name]) : '';
  const namespace = claim('namespace');
  const name = claim('service-account.name');
  const uid = claim('service-account.uid');
  const accepted = audiences.filter((audience) => config.apiAudiences.includes(audience));
  if (accepted.length === 0) return reject('token audiences is invalid for the target audiences');
  if (namespace === '') return reject('namespace claim is missing');
  if (name === '') return reject('serviceAccountName claim is missing');
  if (uid === '') return reject('serviceAccountUID claim is missing');
  if (claims['sub'] !== `system:serviceaccount:${namespace}:${name}`) return reject('sub claim is invalid');
  if (config.lookup) {
    const secret = cluster.get(cluster.resource('secrets'), namespace, claim('secret.name'));
    if (secret === undefined || secret.metadata.deletionTimestamp !== undefined)
      return reject('token has been invalidated');
    const held = ((secret['data'] ?? {}) as Readonly<Record<string, string>>)['token'] ?? '';
    if (Buffer.from(held, 'base64').toString('utf8') !== token) return reject("token does not match server's copy");
    const account = cluster.get(cluster.resource('serviceaccounts'), namespace, name);
    if (account === undefined || account.metadata.deletionTimestamp !== undefined) {
      return reject(`serviceaccounts "${name}" not found`);
    }
    if (account.metadata.uid !== uid)
      return reject(`service account UID (${account.metadata.uid ?? ''}) does not match claim (${uid})`);
    if (secret.metadata.labels?.[INVALID_SINCE] !== undefined) {
      return reject(
        `the token in secret ${namespace}/${secret.metadata.name} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`,
      );
    }
    noteUse(secret, cluster);
  }
  return { outcome: 'accepted', user: accountUser(namespace, name, uid, {}), audiences: accepted };
}

/** The user a ServiceAccount is (apiserver/pkg/authentication/serviceaccount/util.go). */
export const accountUser = (namespace: string, name: string, uid: string, extra: UserInfo['extra']): UserInfo => ({
  username: `system:serviceaccount:${namespace}:${name}`,
  uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  extra,
});

const goList = (values: readonly unknown[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
