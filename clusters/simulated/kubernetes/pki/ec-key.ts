import type { KeyObject } from 'node:crypto';
import { bits, explicit, integer, octets, oid, sequence } from './der.ts';

const P256 = oid('1.2.840.10045.3.1.7');
/** RFC 5480 2.1.1 */
const EC_PUBLIC_KEY = sequence(oid('1.2.840.10045.2.1'), P256);
const VERSION = integer(Buffer.from([1]));
const UNCOMPRESSED = Buffer.from([4]);

/**
 * The SubjectPublicKeyInfo of a public key, DER (RFC 5480). A P-256 key's is put together here: OpenSSL looks its encoders up anew for
 * each export, Node's JWK needs none, and a cluster has a score of keys.
 */
export function subjectPublicKeyInfo(publicKey: KeyObject): Buffer {
  const { x, y } = p256Of(publicKey) ?? {};
  if (x === undefined || y === undefined) return publicKey.export({ type: 'spki', format: 'der' });
  return sequence(EC_PUBLIC_KEY, bits(pointOf(x, y)));
}

/** The ECPrivateKey of a P-256 key, DER (RFC 5915); undefined for any other. */
export function ecPrivateKey(privateKey: KeyObject): Buffer | undefined {
  const { d, x, y } = p256Of(privateKey) ?? {};
  if (d === undefined || x === undefined || y === undefined) return undefined;
  return sequence(VERSION, octets(Buffer.from(d, 'base64url')), explicit(0, P256), explicit(1, bits(pointOf(x, y))));
}

function p256Of(key: KeyObject) {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
  return key.export({ format: 'jwk' });
}

const pointOf = (x: string, y: string): Buffer =>
  Buffer.concat([UNCOMPRESSED, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
