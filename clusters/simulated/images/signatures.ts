import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { digestOf } from './digest.ts';

/** Who signed an image of a tag, as its registry would hold it beside the image. */
export type Signer =
  /** With a key of the lab. */
  | { readonly kind: 'key'; readonly key: LabKey }
  /** With a certificate for an identity, of which the lab knows only the names. */
  | { readonly kind: 'identity'; readonly subject: string; readonly issuer: string };

/** `release` is the shop's own; `stolen` is one that nobody should trust. */
export type LabKey = 'release' | 'stolen';

/**
 * The lab's key pair of that name, on P-256, which cosign uses. It is made from its name: whoever reads this can sign images of a lab, and
 * gains nothing.
 */
export function labKey(name: LabKey): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const ecdh = createECDH('prime256v1');
  const scalar = createHash('sha256').update(`breachlab image signing key: ${name}`).digest();
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: scalar.toString('base64url'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** What is signed: that this digest goes by this name (github.com/containers/image, docs/containers-signature.5.md). */
export const signedPayload = (reference: string, digest: string): string =>
  JSON.stringify({
    critical: {
      identity: { 'docker-reference': reference },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  });

/** A real signature in DER over the payload of a tag's digest. */
export const signatureOf = (key: LabKey, reference: string, repository: string, tag: string): Buffer =>
  sign('sha256', Buffer.from(signedPayload(reference, digestOf(repository, tag))), labKey(key).privateKey);
