import type { Cluster } from '../store/cluster.ts';
import type { KubeObject } from '../object.ts';
import { badRequest, conflict, invalid, notFound, type FieldError } from '../status.ts';
import type { ServiceAccountConfig } from './config.ts';
import { algorithmOf, keyIdOf, signJwt } from './jwt.ts';
import { LEGACY_ISSUER } from './service-account-tokens.ts';
import { createPublicKey } from 'node:crypto';

/** What the kubelet asks for its pods' tokens; they are made to last a year so that old clients live on (token.go). */
const EXTENDABLE_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

interface TokenRequestSpec {
  audiences?: string[] | null;
  expirationSeconds?: number;
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } | null;
}

const BOUND_KINDS: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/** Makes the tokens that `serviceAccountTokens` accepts. */
export class TokenIssuer {
  readonly #config: ServiceAccountConfig;
  readonly #cluster: Cluster;
  readonly #uuid: () => string;

  constructor(config: ServiceAccountConfig, cluster: Cluster, uuid: () => string) {
    this.#config = config;
    this.#cluster = cluster;
    this.#uuid = uuid;
  }

  /**
   * Answers `POST …/serviceaccounts/<name>/token` (pkg/registry/core/serviceaccount/storage/token.go): the TokenRequest with its status.
   * Throws `ApiError`.
   */
  request(account: KubeObject, request: KubeObject): KubeObject {
    const { issuers, apiAudiences, signingKey, maxExpirationSeconds, extendExpiration } = this.#config;
    const [issuer] = issuers;
    if (signingKey === undefined || issuer === undefined)
      throw notFound({ group: '', plural: 'serviceaccounts' }, account.metadata.name);
    const spec = (request['spec'] ?? {}) as TokenRequestSpec;
    const audiences = spec.audiences?.length ? spec.audiences : [...apiAudiences];
    const asked = Math.trunc(spec.expirationSeconds ?? 3600);
    const problems = expirationProblems(asked);
    if (problems.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', problems);
    const expirationSeconds = Math.min(asked, maxExpirationSeconds ?? asked);
    const bound = this.#bound(account, spec.boundObjectRef ?? undefined);
    const extend =
      extendExpiration &&
      'pod' in bound &&
      asked === EXTENDABLE_SECONDS &&
      audiences.every((a) => apiAudiences.includes(a));
    const now = Math.floor(this.#cluster.clock.now() / 1000);
    const lifetime = extend ? EXTENDED_SECONDS : expirationSeconds;
    const token = signJwt(
      {
        aud: audiences,
        exp: now + lifetime,
        iat: now,
        iss: issuer,
        jti: this.#uuid(),
        'kubernetes.io': {
          namespace: account.metadata.namespace,
          ...bound,
          serviceaccount: { name: account.metadata.name, uid: account.metadata.uid },
          ...(extend ? { warnafter: now + expirationSeconds } : {}),
        },
        nbf: now,
        sub: `system:serviceaccount:${account.metadata.namespace ?? ''}:${account.metadata.name}`,
      },
      signingKey,
    );
    const { name, namespace, uid } = account.metadata;
    return {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        creationTimestamp: `${new Date(now * 1000).toISOString().slice(0, 19)}Z`,
      },
      spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
      status: {
        token,
        expirationTimestamp: `${new Date((now + expirationSeconds) * 1000).toISOString().slice(0, 19)}Z`,
      },
    };
  }

  /** The token of a Secret of type kubernetes.io/service-account-token, which never expires (pkg/serviceaccount/legacy.go). */
  legacyToken(account: KubeObject, secretName: string): string | undefined {
    const { signingKey } = this.#config;
    if (signingKey === undefined) return undefined;
    const { name, namespace = '', uid = '' } = account.metadata;
    return signJwt(
      {
        iss: LEGACY_ISSUER,
        'kubernetes.io/serviceaccount/namespace': namespace,
        'kubernetes.io/serviceaccount/secret.name': secretName,
        'kubernetes.io/serviceaccount/service-account.name': name,
        'kubernetes.io/serviceaccount/service-account.uid': uid,
        sub: `system:serviceaccount:${namespace}:${name}`,
      },
      signingKey,
    );
  }

  /** JSON at the two paths of OpenID discovery; undefined for other paths and without an issuer (pkg/serviceaccount/openidmetadata.go). */
  discovery(path: string): string | undefined {
    const [issuer] = this.#config.issuers;
    if (issuer === undefined) return undefined;
    const algorithms = [...new Set(this.#config.keys.flatMap((key) => algorithmOf(key) ?? []))];
    if (path === '/.well-known/openid-configuration') {
      return JSON.stringify({
        issuer,
        jwks_uri: `${issuer.replace(/\/$/, '')}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: algorithms,
      });
    }
    if (path !== '/openid/v1/jwks') return undefined;
    const keys = this.#config.keys.map((key) => ({
      use: 'sig',
      kty: '',
      kid: keyIdOf(key),
      alg: algorithmOf(key),
      ...(key.type === 'public' ? key : createPublicKey(key)).export({ format: 'jwk' }),
    }));
    return JSON.stringify({ keys });
  }

  #bound(account: KubeObject, ref: TokenRequestSpec['boundObjectRef']): Record<string, { name: string; uid: string }> {
    if (ref === undefined || ref === null) return {};
    const { kind = '', name = '', apiVersion = '' } = ref;
    const plural = BOUND_KINDS[kind];
    if (plural === undefined || apiVersion !== 'v1') {
      const [version = '', group = ''] = apiVersion.split('/').reverse();
      throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
    }
    const namespace = plural === 'nodes' ? '' : (account.metadata.namespace ?? '');
    const object = this.#cluster.get(this.#cluster.resource(plural), namespace, name);
    if (object === undefined) throw notFound({ group: '', plural }, name);
    const { uid = '' } = object.metadata;
    if (ref.uid !== undefined && ref.uid !== '' && ref.uid !== uid) {
      throw conflict(
        { group: '', plural: kind },
        name,
        `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    }
    const claim = { [kind.toLowerCase()]: { name, uid } };
    if (kind !== 'Pod') return claim;
    const { serviceAccountName = '', nodeName } = (object['spec'] ?? {}) as {
      serviceAccountName?: string;
      nodeName?: string;
    };
    if (serviceAccountName !== account.metadata.name) {
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
      );
    }
    if (nodeName === undefined) return claim;
    const node = this.#cluster.get(this.#cluster.resource('nodes'), '', nodeName);
    return { ...(node === undefined ? {} : { node: { name: nodeName, uid: node.metadata.uid ?? '' } }), ...claim };
  }
}

function expirationProblems(seconds: number): FieldError[] {
  const why =
    seconds < 600
      ? 'may not specify a duration less than 10 minutes'
      : seconds > 2 ** 32
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (why === undefined) return [];
  return [{ type: 'FieldValueInvalid', field: 'spec.expirationSeconds', message: `Invalid value: ${seconds}: ${why}` }];
}
