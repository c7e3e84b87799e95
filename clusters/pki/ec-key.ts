import { createECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { bits, explicit, integer, octets, oid, sequence } from './der.ts';

const P256 = oid('1.2.840.10045.3.1.7');
/** RFC 5480 2.1.1 */
const EC_PUBLIC_KEY = sequence(oid('1.2.840.10045.2.1'), P256);
const VERSION = integer(Buffer.from([1]));
const UNCOMPRESSED = Buffer.from([4]);

/** A P-256 key in DER. */
export interface EncodedKey {
  /** SubjectPublicKeyInfo (RFC 5480). */
  readonly publicKey: Buffer;
  /** ECPrivateKey (RFC 5915). */
  readonly privateKey: Buffer;
}

/** A fresh key that is only written down: that takes half of what making a KeyObject and exporting it does. */
export function newEncodedKey(): EncodedKey {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  return encoded(padded(ecdh.getPrivateKey()), point);
}

/** A fresh key that signs too. */
export function newSigningKey(): EncodedKey & { readonly signer: KeyObject } {
  const { privateKey: signer } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d = '', x = '', y = '' } = signer.export({ format: 'jwk' });
  return { signer, ...encoded(Buffer.from(d, 'base64url'), pointOf(x, y)) };
}

const encoded = (secret: Buffer, point: Buffer): EncodedKey => ({
  publicKey: sequence(EC_PUBLIC_KEY, bits(point)),
  privateKey: sequence(VERSION, octets(secret), explicit(0, P256), explicit(1, bits(point))),
});

/** OpenSSL's number as the 32 bytes of RFC 5915: it leaves leading zeros out. */
const padded = (secret: Buffer): Buffer =>
  secret.length === 32 ? secret : Buffer.concat([Buffer.alloc(32 - secret.length), secret]);

/**
 * The SubjectPublicKeyInfo of a public key, DER (RFC 5480). A P-256 key's is put together here: OpenSSL looks its encoders up anew for
 * each export, Node's JWK needs none.
 */
export function subjectPublicKeyInfo(publicKey: KeyObject): Buffer {
  const isP256 = publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (!isP256) return publicKey.export({ type: 'spki', format: 'der' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return sequence(EC_PUBLIC_KEY, bits(pointOf(x, y)));
}

const pointOf = (x: string, y: string): Buffer =>
  Buffer.concat([UNCOMPRESSED, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
