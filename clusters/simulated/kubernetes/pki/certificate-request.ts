import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { elements, oidText, type Element } from '../../../pki/der.ts';

/** What a PKCS#10 request (RFC 2986) asks for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  readonly publicKey: KeyObject;
}

export type ReadRequest = { readonly ok: CertificateRequest } | { readonly failed: string };

const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

/**
 * Reads a PEM certificate request and checks its signature. `failed` has upstream's words where it has any
 * (pkg/apis/certificates/v1/helpers.go ParseCSR).
 */
export function readCertificateRequest(pemText: string): ReadRequest {
  const match = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(pemText);
  if (match === null) return { failed: 'PEM block type must be CERTIFICATE REQUEST' };
  try {
    return { ok: read(Buffer.from(match[1] ?? '', 'base64')) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

function read(bytes: Buffer): CertificateRequest {
  const [info, algorithm, signature] = elements(one(bytes).content);
  if (info === undefined || algorithm === undefined || signature === undefined)
    throw new Error('malformed certificate request');
  const [, subject, spki, ...attributes] = elements(info.content);
  if (subject === undefined || spki === undefined) throw new Error('malformed certificate request');
  const publicKey = createPublicKey({ key: spki.whole, format: 'der', type: 'spki' });
  const digest = DIGESTS[oidText(elements(algorithm.content)[0]?.content ?? Buffer.alloc(0))];
  if (digest === undefined) throw new Error('x509: cannot verify signature: algorithm unimplemented');
  if (!verify(digest, info.whole, publicKey, signature.content.subarray(1))) throw new Error('x509: invalid signature');
  return { ...subjectOf(subject), ...alternativeNames(attributes), publicKey };
}

function one(bytes: Buffer): Element {
  const [element] = elements(bytes);
  if (element === undefined) throw new Error('malformed certificate request');
  return element;
}

function subjectOf(name: Element): { commonName: string; organizations: string[] } {
  let commonName = '';
  const organizations: string[] = [];
  for (const set of elements(name.content)) {
    for (const pair of elements(set.content)) {
      const [type, value] = elements(pair.content);
      if (type === undefined || value === undefined) continue;
      const kind = oidText(type.content);
      if (kind === '2.5.4.3') commonName = value.content.toString('utf8');
      if (kind === '2.5.4.10') organizations.push(value.content.toString('utf8'));
    }
  }
  return { commonName, organizations };
}

function alternativeNames(
  attributes: readonly Element[],
): Pick<CertificateRequest, 'dnsNames' | 'addresses' | 'emails' | 'uris'> {
  const names = { dnsNames: [] as string[], addresses: [] as string[], emails: [] as string[], uris: [] as string[] };
  for (const extension of requestedExtensions(attributes)) {
    const parts = elements(extension.content);
    const [type] = parts;
    const value = parts.at(-1);
    if (type === undefined || value === undefined || oidText(type.content) !== '2.5.29.17') continue;
    for (const name of elements(one(value.content).content)) {
      const text = name.content.toString('latin1');
      if (name.tag === 0x81) names.emails.push(text);
      if (name.tag === 0x82) names.dnsNames.push(text);
      if (name.tag === 0x86) names.uris.push(text);
      if (name.tag === 0x87) names.addresses.push(ipaddr.fromByteArray([...name.content]).toString());
    }
  }
  return names;
}

/** The extensions inside the attribute extensionRequest (1.2.840.113549.1.9.14). */
function requestedExtensions(attributes: readonly Element[]): Element[] {
  return attributes
    .flatMap((list) => elements(list.content))
    .flatMap((attribute) => {
      const [type, values] = elements(attribute.content);
      if (type === undefined || values === undefined || oidText(type.content) !== '1.2.840.113549.1.9.14') return [];
      return elements(one(values.content).content);
    });
}
