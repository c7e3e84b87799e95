import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CertificateAuthority } from '../../../pki/certificate-authority.ts';
import type { FlagReader } from './flag-reader.ts';
import { requiredFile } from './required-file.ts';
import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

export interface ServingConfig {
  readonly bindAddress: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM bundle of `--client-ca-file`; undefined means that client certificates count for nothing. */
  readonly clientCa: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL names, joined by colons; undefined for the default. */
  readonly ciphers: string | undefined;
  /** Groups for the exchange of keys, by OpenSSL's names, joined by colons; undefined for the default. */
  readonly curves: string | undefined;
}

/** Go's names of the suites of TLS 1.2, by OpenSSL's (component-base/cli/flag/ciphersuites_flag.go). TLS 1.3's are always on. */
const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
};
const WEAK_ONLY = new Set([
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA',
  'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_ECDHE_RSA_WITH_RC4_128_SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'TLS_RSA_WITH_AES_128_CBC_SHA256',
  'TLS_RSA_WITH_RC4_128_SHA',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
]);

/** What the API server shows and asks for on its port. Throws `StartupError`. */
export async function servingConfig(flags: FlagReader, read: ReadFile): Promise<ServingConfig> {
  return {
    bindAddress: flags.text('bind-address', '0.0.0.0'),
    port: flags.number('secure-port', 6443),
    ...((await certificateOf(flags, read)) ?? selfSigned(OF_API_SERVER, Date.now())),
    clientCa: await clientAuthorities(flags, read),
    ...tlsTerms(flags),
  };
}

/** What the flags of any of these programs say of TLS itself. Throws `StartupError`. */
export const tlsTerms = (flags: FlagReader): Pick<ServingConfig, 'minVersion' | 'ciphers' | 'curves'> => ({
  minVersion: minVersionOf(flags.text('tls-min-version')),
  ciphers: ciphersOf(flags.list('tls-cipher-suites')),
  curves: curvesOf(flags.list('tls-curve-preferences')),
});

export interface ServingPair {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** What `--tls-cert-file` and `--tls-private-key-file` name; undefined without them. Throws `StartupError`. */
export async function certificateOf(flags: FlagReader, read: ReadFile): Promise<ServingPair | undefined> {
  const certificatePath = flags.text('tls-cert-file');
  const keyPath = flags.text('tls-private-key-file');
  if (certificatePath === '' && keyPath === '') return undefined;
  if (certificatePath === '' || keyPath === '') {
    throw new StartupError('missing filename for serving cert');
  }
  const certificate = await requiredFile(certificatePath, read);
  const key = await requiredFile(keyPath, read);
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw new StartupError('tls: failed to find any PEM data in certificate input');
  }
  try {
    if (parsed.checkPrivateKey(createPrivateKey(key))) return { certificate, key };
  } catch {
    throw new StartupError('tls: failed to find any PEM data in key input');
  }
  throw new StartupError('tls: private key does not match public key');
}

const OF_API_SERVER: SelfSigned = {
  authority: 'controlplane-ca',
  commonName: 'controlplane',
  dnsNames: ['controlplane', 'kubernetes.default.svc', 'kubernetes.default', 'kubernetes', 'localhost'],
};

interface SelfSigned {
  readonly authority: string;
  readonly commonName: string;
  readonly dnsNames: readonly string[];
}

/** What a program makes for itself when it is given none, good for a year from `now`, milliseconds since 1970. */
export function selfSigned({ authority, commonName, dnsNames }: SelfSigned, now: number): ServingPair {
  const notBefore = now - 60_000;
  const notAfter = now + 365 * 24 * 3600 * 1000;
  return new CertificateAuthority(authority, notBefore, notAfter).issue({
    subject: { commonName },
    notBefore,
    notAfter,
    extendedKeyUsage: ['serverAuth'],
    dnsNames: [...dnsNames],
    addresses: ['127.0.0.1'],
  });
}

/** The bundle that `--client-ca-file` names; undefined without it. Throws `StartupError`. */
export async function clientAuthorities(flags: FlagReader, read: ReadFile): Promise<string | undefined> {
  const path = flags.text('client-ca-file');
  if (path === '') return undefined;
  const text = await requiredFile(path, read, 'unable to load client CA provider: ');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new StartupError(
      `unable to load client CA provider: unable to load trusted client CA bundle "client-ca-bundle::${path}": data does not contain any valid RSA or ECDSA certificates`,
    );
  }
  return text;
}

/** component-base/cli/flag/ciphersuites_flag.go TLSVersion. Throws `StartupError`. */
export function minVersionOf(name: string): ServingConfig['minVersion'] {
  switch (name) {
    case '':
    case 'VersionTLS10':
    case 'VersionTLS11':
    case 'VersionTLS12':
      return 'TLSv1.2';
    case 'VersionTLS13':
      return 'TLSv1.3';
    default:
      throw new StartupError(`unknown tls version ${JSON.stringify(name)}`);
  }
}

/** component-base/cli/flag/ciphersuites_flag.go TLSCipherSuites. Throws `StartupError`. */
export function ciphersOf(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const unknown = names.find((name) => SUITES[name] === undefined && !WEAK_ONLY.has(name));
  if (unknown !== undefined) throw new StartupError(`Cipher suite ${unknown} not supported or doesn't exist`);
  const usable = names.flatMap((name) => SUITES[name] ?? []);
  return usable.length === 0 ? undefined : usable.join(':');
}

/** Go's numbers of groups (crypto/tls CurveID), by OpenSSL's names. */
const CURVES: Readonly<Record<number, string>> = {
  23: 'P-256',
  24: 'P-384',
  25: 'P-521',
  29: 'X25519',
  4587: 'SecP256r1MLKEM768',
  4588: 'X25519MLKEM768',
  4589: 'SecP384r1MLKEM1024',
};

/** component-base/cli/flag/curves_flag.go */
function curvesOf(given: readonly string[]): string | undefined {
  const ids = given.map(Number);
  for (const [at, id] of ids.entries()) {
    if (id <= 0 || id > 65535) throw new StartupError(`curve preference ${id} is out of range (must be 1-65535)`);
    if (ids.indexOf(id) !== at) throw new StartupError(`duplicate curve preference ${id}`);
    if (CURVES[id] === undefined)
      throw new StartupError(`curve preference ${id} is not supported by the current Go version`);
  }
  return ids.length === 0 ? undefined : ids.map((id) => CURVES[id] ?? '').join(':');
}
