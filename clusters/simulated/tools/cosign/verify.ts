import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { digestOf } from '../../images/digest.ts';
import { findImage, type Image, type ImageReference, parseReference, tableName } from '../../images/image.ts';
import { signatureOf, signedPayload, type Signer } from '../../images/signatures.ts';

/** Whom a verification trusts. */
export type Trust =
  | { readonly kind: 'key'; readonly key: KeyObject }
  | {
      readonly kind: 'identity';
      readonly subject: (text: string) => boolean;
      readonly issuer: (text: string) => boolean;
    };

export type Verification =
  /** `payloads` is what was signed, one for each signature that holds. */
  | { readonly outcome: 'verified'; readonly payloads: readonly string[] }
  /** `code` as in cmd/cosign/errors/exit_codes.go. */
  | { readonly outcome: 'failed'; readonly message: string; readonly code: number };

/** An image as cosign names it: `index.docker.io/library/nginx`, and its digest. Undefined when no registry of the lab has it. */
export interface SignedImage {
  readonly name: string;
  readonly digest: string;
  readonly signers: readonly Signer[];
  readonly repository: string;
  readonly tag: string;
}

export function findSigned(images: readonly Image[], reference: string): SignedImage | undefined {
  const parsed = parseReference(reference);
  const image = findImage(images, reference);
  if (parsed === undefined || image === undefined) return undefined;
  const repository = tableName(parsed);
  const tag =
    parsed.digest === undefined ? parsed.tag : image.tags.find((one) => digestOf(repository, one) === parsed.digest);
  if (tag === undefined) return undefined;
  return {
    name: registryName(parsed),
    digest: digestOf(repository, tag),
    signers: image.signers?.[tag] ?? [],
    repository,
    tag,
  };
}

/** Docker Hub by the name of its registry, as go-containerregistry spells it. */
const registryName = ({ registry, repository }: ImageReference): string =>
  registry === 'docker.io'
    ? `index.docker.io/${repository.includes('/') ? repository : `library/${repository}`}`
    : `${registry}/${repository}`;

/** Checks every signature of the image; one that holds is enough (pkg/cosign/verify.go). */
export function verifyImage(image: SignedImage, trust: Trust): Verification {
  if (image.signers.length === 0) return { outcome: 'failed', message: 'no signatures found', code: 10 };
  const payload = signedPayload(image.name, image.digest);
  const complaints: string[] = [];
  const payloads: string[] = [];
  for (const signer of image.signers) {
    const complaint = complaintOf(signer, image, trust, payload);
    if (complaint === undefined) payloads.push(payload);
    else complaints.push(complaint);
  }
  return payloads.length > 0
    ? { outcome: 'verified', payloads }
    : { outcome: 'failed', message: `no matching signatures: ${complaints.join('\n ')}`, code: 12 };
}

function complaintOf(signer: Signer, image: SignedImage, trust: Trust, payload: string): string | undefined {
  if (trust.kind === 'key') {
    if (signer.kind === 'identity') return 'invalid signature when validating ASN.1 encoded signature';
    const signature = signatureOf(signer.key, image.name, image.repository, image.tag);
    const holds = verify('sha256', Buffer.from(payload), trust.key, signature);
    return holds ? undefined : 'invalid signature when validating ASN.1 encoded signature';
  }
  if (signer.kind === 'key') return 'no certificate found on signature';
  if (trust.subject(signer.subject) && trust.issuer(signer.issuer)) return undefined;
  return `none of the expected identities matched what was in the certificate, got subjects [${signer.subject}] with issuer ${signer.issuer}`;
}

/** A PEM public key that signatures here can be checked with; undefined for anything else. */
export function readPublicKey(text: string): KeyObject | undefined {
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    return undefined;
  }
}
