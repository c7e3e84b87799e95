import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** JSON Web Tokens as the API server writes and reads them; synchronous, so that a request with a token costs no turn of the loop. */

export interface Jwt {
  readonly header: { readonly alg?: string; readonly kid?: string };
  readonly claims: Readonly<Record<string, unknown>>;
  /** What was signed. */
  readonly signed: string;
  readonly signature: Buffer;
}

const base64url = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64url');

/** Longest token that is looked at; real ones are below 2 kB. */
const MAX_LENGTH = 64 * 1024;

/** Undefined for what is no JWT at all. Nothing is verified. */
export function readJwt(token: string): Jwt | undefined {
  if (token.length > MAX_LENGTH) return undefined;
  const [header, claims, signature, ...more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    const head: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || typeof head !== 'object' || head === null) return undefined;
    return {
      header: head,
      claims: parsed as Jwt['claims'],
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    return undefined;
  }
}

/** Which algorithm a key signs with; undefined for keys the API server does not take. */
export function algorithmOf(key: KeyObject): 'RS256' | 'ES256' | 'ES384' | 'ES512' | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  if (key.asymmetricKeyType !== 'ec') return undefined;
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return 'ES256';
    case 'secp384r1':
      return 'ES384';
    case 'secp521r1':
      return 'ES512';
    default:
      return undefined;
  }
}

const digestOf = (algorithm: string): string => `sha${algorithm.slice(2)}`;

/** Whether the key signed it, with the algorithm that belongs to the key whatever the header says. */
export function verifies(jwt: Jwt, key: KeyObject): boolean {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined || jwt.header.alg !== algorithm) return false;
  const options = algorithm === 'RS256' ? { key } : ({ key, dsaEncoding: 'ieee-p1363' } as const);
  return verify(digestOf(algorithm), Buffer.from(jwt.signed), options, jwt.signature);
}

/** SHA-256 of the public key's DER (pkg/serviceaccount/jwt.go keyIDFromPublicKey). */
export const keyIdOf = (key: KeyObject): string => {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
};

/** Throws when the key is none the API server signs with. */
export function signJwt(claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new Error('unknown private key type, must be RSA, ECDSA, or opaque signer');
  const signed = `${base64url(JSON.stringify({ alg: algorithm, kid: keyIdOf(key) }))}.${base64url(JSON.stringify(claims))}`;
  const options = algorithm === 'RS256' ? { key } : ({ key, dsaEncoding: 'ieee-p1363' } as const);
  return `${signed}.${base64url(sign(digestOf(algorithm), Buffer.from(signed), options))}`;
}
