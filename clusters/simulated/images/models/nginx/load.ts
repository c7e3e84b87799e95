import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import type { ContainerFiles, ModelContext } from '../model.ts';
import { type NginxConfig, readConfig, type ServerBlock } from './config.ts';
import { Emergency, parseConfig } from './parse.ts';

/** A configuration with all that it names. */
export interface LoadedNginx {
  readonly config: NginxConfig;
  readonly tls: Contexts;
}

export type Contexts = ReadonlyMap<ServerBlock, { readonly context: SecureContext; readonly options: object }>;

/** The configuration that the words of a call name, or the usual one. */
export function configPathOf(words: readonly string[]): string {
  const at = words.indexOf('-c');
  return at < 0 ? '/etc/nginx/nginx.conf' : (words[at + 1] ?? '');
}

/** Reads a configuration and what it names, as nginx does before it serves or tells that a test went well. Rejects with `Emergency`. */
export async function loadNginx(
  path: string,
  { files, uid }: Pick<ModelContext, 'files' | 'uid'>,
  seen: (file: string, text: string) => void = () => undefined,
): Promise<LoadedNginx> {
  const read = async (file: string): Promise<string | undefined> => {
    const text = (await files.read(file))?.toString('utf8');
    if (text !== undefined) seen(file, text);
    return text;
  };
  const config = readConfig(await parseConfig(path, read, (pattern) => matching(pattern, files)));
  const tls = await tlsOf(config, files);
  for (const place of ['/var/cache/nginx/client_temp', '/run/nginx.pid']) await mustBeWritable(place, files, uid);
  return { config, tls };
}

/** A pattern of an include: of a folder's files as far as they can be known, those of the image and of mounted volumes. */
async function matching(pattern: string, files: ContainerFiles): Promise<readonly string[]> {
  const folder = pattern.replace(/\/[^/]*$/, '');
  const name = new RegExp(
    `^${(pattern.split('/').at(-1) ?? '')
      .replace(/[.+^$()|{}\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return (await files.list(folder)).filter((file) => name.test(file)).map((file) => `${folder}/${file}`);
}

async function mustBeWritable(path: string, files: ContainerFiles, uid: number): Promise<void> {
  const refusal = await files.refusal(path, uid);
  if (refusal === undefined) return;
  throw new Emergency(`${path.endsWith('.pid') ? 'open()' : 'mkdir()'} "${path}" failed (${refusal})`);
}

async function tlsOf({ servers }: NginxConfig, files: ContainerFiles): Promise<Contexts> {
  const contexts = new Map<ServerBlock, { context: SecureContext; options: object }>();
  for (const server of servers) {
    if (!server.listens.some(({ isTls }) => isTls)) continue;
    const { certificate = '', key = '', clientAuthority, verify, protocols } = server.tls;
    const cert = await pem(certificate, 'certificate', files);
    const secret = await pem(key, 'certificate key', files);
    checkPair(certificate, cert, key, secret);
    const ca = clientAuthority === undefined ? undefined : await pem(clientAuthority, 'certificate', files);
    const versions = protocols.filter((one) => /^TLSv1(\.[123])?$/.test(one)).sort() as SecureVersion[];
    const options = {
      cert,
      key: secret,
      ...(ca === undefined ? {} : { ca }),
      ...(versions.length === 0 ? {} : { minVersion: versions[0], maxVersion: versions.at(-1) }),
      requestCert: verify !== 'off',
      rejectUnauthorized: false,
    };
    contexts.set(server, { context: createSecureContext(options), options });
  }
  return contexts;
}

async function pem(path: string, what: string, files: ContainerFiles): Promise<Buffer> {
  const absolute = path.startsWith('/') ? path : `/etc/nginx/${path}`;
  const bytes = await files.read(absolute);
  if (bytes !== undefined) return bytes;
  throw new Emergency(
    `cannot load ${what} "${absolute}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:` +
      `calling fopen(${absolute}, r) error:10000080:BIO routines::no such file)`,
  );
}

function checkPair(certificate: string, cert: Buffer, key: string, secret: Buffer): void {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(cert);
  } catch {
    throw new Emergency(
      `cannot load certificate "${certificate}": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)`,
    );
  }
  try {
    if (parsed.checkPrivateKey(createPrivateKey(secret))) return;
  } catch {
    throw new Emergency(
      `cannot load certificate key "${key}": PEM_read_bio_PrivateKey() failed (SSL: error:1E08010C:DECODER routines::unsupported)`,
    );
  }
  throw new Emergency(
    `SSL_CTX_use_PrivateKey("${key}") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)`,
  );
}
