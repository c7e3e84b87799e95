import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ClientConfig } from './client-config.ts';

/**
 * Why no TLS client can be made of a client's configuration, in the words of client-go/transport/transport.go (TLSConfigFor) and of Go's
 * crypto/tls (X509KeyPair).
 */
export function tlsProblem({ certificateAuthority, skipVerify, clientCertificate }: ClientConfig): string | undefined {
  if (certificateAuthority !== undefined && skipVerify)
    return 'specifying a root certificates file with the insecure flag is not allowed';
  const authority = certificateAuthority === undefined ? undefined : authorityProblem(certificateAuthority);
  if (authority !== undefined) return `unable to load root certificates: ${authority}`;
  return clientCertificate === undefined ? undefined : pairProblem(clientCertificate);
}

interface Block {
  readonly label: string;
  readonly text: string;
}

const blocksOf = (pem: string): readonly Block[] =>
  [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s]*-----END \1-----/g)].map(
    ([text, label = '']): Block => ({ label, text }),
  );

const isCertificate = ({ label }: Block): boolean => label === 'CERTIFICATE';
const isKey = ({ label }: Block): boolean => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY');

function authorityProblem(pem: string): string | undefined {
  const blocks = blocksOf(pem);
  if (blocks.length === 0) return 'unable to parse bytes as PEM block';
  const isOne = blocks.some((block) => isCertificate(block) && parsed(block) !== undefined);
  return isOne ? undefined : 'failed to parse certificate: x509: malformed certificate';
}

function pairProblem({ certificate, key }: { readonly certificate: string; readonly key: string }): string | undefined {
  const blocks = blocksOf(certificate);
  const [leaf] = blocks.filter(isCertificate);
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (leaf === undefined)
    return blocks.length === 1 && blocks.every(isKey)
      ? 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
      : `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${blocks.map(({ label }) => label).join(' ')}]`;
  const keys = blocksOf(key);
  const [own] = keys.filter(isKey);
  if (keys.length === 0) return 'tls: failed to find any PEM data in key input';
  if (own === undefined)
    return keys.length === 1 && keys.every(isCertificate)
      ? 'tls: found a certificate rather than a key in the PEM for the private key'
      : `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${keys.map(({ label }) => label).join(' ')}]`;
  const x509 = parsed(leaf);
  if (x509 === undefined) return 'x509: malformed certificate';
  try {
    return x509.checkPrivateKey(createPrivateKey(own.text)) ? undefined : 'tls: private key does not match public key';
  } catch {
    return 'tls: failed to parse private key';
  }
}

function parsed({ text }: Block): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}
