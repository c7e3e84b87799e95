import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { httpsCall, type Dial } from '../callout/https-call.ts';
import type { Clock } from '../../clock.ts';
import { brokenClaimRule, brokenUserRule, textOf, textsOf } from './claim-expressions.ts';
import type { ClaimExpressions } from './claim-rules.ts';
import type { OidcConfig } from './config.ts';
import { readJwt, verifies, type Jwt } from './jwt.ts';
import { UNKNOWN_TOKEN, type TokenAuthenticator, type TokenOutcome } from './token-authenticator.ts';
import type { UserInfo } from './user.ts';

const reject = (reason: string): TokenOutcome => ({ outcome: 'rejected', reason: `oidc: ${reason}` });
const TIMEOUT_MS = 10_000;
/** Milliseconds between two looks at the issuer for a key that is not known. */
const REFRESH_MS = 10_000;

/** ID tokens of an issuer whose keys are fetched over TLS (apiserver/plugin/pkg/authenticator/token/oidc/oidc.go). */
export function oidcTokens(config: OidcConfig, clock: Clock, dial: Dial): TokenAuthenticator {
  const keys = new IssuerKeys(config, clock, dial);
  return {
    async authenticateToken(token): Promise<TokenOutcome> {
      const jwt = readJwt(token);
      if (jwt === undefined || jwt.claims['iss'] !== config.issuerUrl) return UNKNOWN_TOKEN;
      if (!config.signingAlgorithms.includes(jwt.header.alg ?? '')) {
        return reject(`verify token: oidc: malformed jwt: unexpected signature algorithm "${jwt.header.alg ?? ''}"`);
      }
      let known: KeyObject[];
      try {
        known = await keys.of(jwt);
      } catch {
        return reject('authenticator not initialized');
      }
      if (!known.some((key) => verifies(jwt, key))) {
        return reject('verify token: failed to verify signature: failed to verify id token signature');
      }
      return userOf(jwt, config, clock.now());
    },
  };
}

function userOf({ claims }: Jwt, config: OidcConfig, now: number): TokenOutcome {
  const audiences = [claims['aud'] ?? []].flat();
  if (!config.audiences.some((audience) => audiences.includes(audience))) {
    return reject(
      `verify token: oidc: expected audience ${JSON.stringify(config.audiences[0])} got ${JSON.stringify(audiences)}`,
    );
  }
  if (!(Number(claims['exp']) * 1000 > now)) {
    return reject(
      `verify token: oidc: token is expired (Token Expiry: ${new Date(Number(claims['exp']) * 1000 || 0).toISOString()})`,
    );
  }
  for (const [name, value] of Object.entries(config.requiredClaims)) {
    if (claims[name] === undefined) return reject(`required claim ${name} not present in ID token`);
    if (claims[name] !== value)
      return reject(
        `required claim ${name} value does not match. Got = ${JSON.stringify(claims[name])}, want = ${value}`,
      );
  }
  try {
    return mapped(claims, config);
  } catch (error) {
    return reject((error as Error).message);
  }
}

function mapped(claims: Jwt['claims'], config: OidcConfig): TokenOutcome {
  const { expressions } = config;
  const broken = expressions && brokenClaimRule(expressions, claims);
  if (broken !== undefined) return reject(`error evaluating claim validation expression: ${broken}`);
  const uid = uidOf(claims, expressions);
  const own = Object.fromEntries(
    (expressions?.extra ?? []).flatMap(({ key, program }) => {
      const values = textsOf(program, claims);
      return values.length === 0 ? [] : [[key, values] as const];
    }),
  );
  const id = typeof claims['jti'] === 'string' ? { [CREDENTIAL_ID]: [`JTI=${claims['jti']}`] } : {};
  const user: UserInfo = {
    username: usernameOf(claims, config),
    ...(uid === '' ? {} : { uid }),
    groups: groupsOf(claims, config),
    extra: { ...own, ...id },
  };
  const refused = expressions && brokenUserRule(expressions, user);
  if (refused !== undefined) return reject(`error evaluating user info validation rule: ${refused}`);
  return { outcome: 'accepted', user, audiences: undefined };
}

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

function usernameOf(claims: Jwt['claims'], config: OidcConfig): string {
  if (config.expressions?.username) {
    const username = textOf(config.expressions.username, claims);
    if (username === '') throw new Error('username claim expression returned an empty string');
    return username;
  }
  const username = claims[config.usernameClaim];
  if (typeof username !== 'string') {
    throw new Error(`parse username claims "${config.usernameClaim}": claim not present`);
  }
  if (config.usernameClaim === 'email' && claims['email_verified'] === false) throw new Error('email not verified');
  return config.usernamePrefix + username;
}

function uidOf(claims: Jwt['claims'], expressions: ClaimExpressions | undefined): string {
  if (expressions?.uid) return textOf(expressions.uid, claims);
  const claim = expressions?.uidClaim;
  if (claim === undefined || claim === '') return '';
  const uid = claims[claim];
  if (typeof uid !== 'string') throw new Error(`parse uid claim "${claim}": claim not present`);
  return uid;
}

function groupsOf(claims: Jwt['claims'], config: OidcConfig): string[] {
  if (config.expressions?.groups) return textsOf(config.expressions.groups, claims);
  const listed = config.groupsClaim === undefined ? [] : [claims[config.groupsClaim] ?? []].flat();
  if (listed.some((group) => typeof group !== 'string')) {
    throw new Error(
      `parse groups claim "${config.groupsClaim ?? ''}": json: cannot unmarshal into Go value of type string`,
    );
  }
  return listed.map((group) => config.groupsPrefix + (group as string));
}

/** The issuer's signing keys, fetched when a token names one that is not known. */
class IssuerKeys {
  readonly #config: OidcConfig;
  readonly #clock: Clock;
  readonly #dial: Dial;
  #keys: { id: string | undefined; key: KeyObject }[] = [];
  #fetched = Number.NEGATIVE_INFINITY;

  constructor(config: OidcConfig, clock: Clock, dial: Dial) {
    this.#config = config;
    this.#clock = clock;
    this.#dial = dial;
  }

  async of(jwt: Jwt): Promise<KeyObject[]> {
    const matching = (): KeyObject[] =>
      this.#keys.filter(({ id }) => jwt.header.kid === undefined || id === jwt.header.kid).map(({ key }) => key);
    if (matching().length === 0 && this.#clock.now() - this.#fetched >= REFRESH_MS) {
      this.#fetched = this.#clock.now();
      await this.#fetch();
    }
    return matching();
  }

  async #fetch(): Promise<void> {
    const discovery = (await this.#get(
      this.#config.discoveryUrl ?? `${this.#config.issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )) as {
      issuer?: string;
      jwks_uri?: string;
    };
    if (discovery.issuer !== this.#config.issuerUrl || discovery.jwks_uri === undefined) {
      throw new Error('oidc: issuer did not match the issuer returned by provider');
    }
    const { keys = [] } = (await this.#get(discovery.jwks_uri)) as { keys?: (JsonWebKey & { kid?: string })[] };
    this.#keys = keys.map((jwk) => ({ id: jwk.kid, key: createPublicKey({ key: jwk, format: 'jwk' }) }));
  }

  async #get(url: string): Promise<unknown> {
    const { status, body } = await httpsCall({
      url,
      method: 'GET',
      certificateAuthority: this.#config.certificateAuthority,
      timeoutMs: TIMEOUT_MS,
      dial: this.#dial,
    });
    if (status !== 200) throw new Error(`${status}: ${body.slice(0, 200)}`);
    return JSON.parse(body);
  }
}
