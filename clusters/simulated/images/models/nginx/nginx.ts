import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type SecureVersion, type TLSSocket } from 'node:tls';
import type { Model, ModelContext, ModelledServer } from '../model.ts';
import { type NginxConfig, readConfig, type ServerBlock, serverFor } from './config.ts';
import { Emergency, parseConfig } from './parse.ts';
import { respond } from './respond.ts';

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** Versions behind tags that name none (docker-library/official-images, library/nginx). */
const VERSIONS: Readonly<Record<string, string>> = {
  latest: '1.29.3',
  alpine: '1.29.3',
  stable: '1.28.0',
  '1.25': '1.25.5',
  '1.26': '1.26.3',
  '1.27': '1.27.5',
  '1.28': '1.28.0',
  '1.29': '1.29.3',
};

/** nginx by the configuration that its container has: listens, answers, or says `[emerg]` and exits with 1. */
export const nginx: Model = async (context) => {
  const { argv, files, log } = context;
  const tag = context.tag.replace(/-alpine$/, '');
  const version = `nginx/${VERSIONS[tag] ?? tag}`;
  const say = (level: string, text: string): void => log(`${timeOf(context.now())} [${level}] 1#1: ${text}`, 'stderr');
  try {
    const at = argv.indexOf('-c');
    const path = at < 0 ? '/etc/nginx/nginx.conf' : (argv[at + 1] ?? '');
    const read = async (file: string): Promise<string | undefined> => (await files.read(file))?.toString('utf8');
    const config = readConfig(await parseConfig(path, read, (pattern) => matching(pattern, context)));
    const tls = await tlsOf(config, context);
    for (const folder of ['/var/cache/nginx/client_temp', '/run/nginx.pid']) mustBeWritable(folder, context);
    for (const name of config.unmodelled) log(`not simulated: the directive "${name}" has no effect here`, 'stderr');
    say('notice', 'using the "epoll" event method');
    say('notice', version);
    say('notice', 'start worker processes');
    return { server: serving(config, tls, version, context) };
  } catch (error) {
    if (!(error instanceof Emergency)) throw error;
    say('emerg', error.message);
    log(`nginx: [emerg] ${error.message}`, 'stderr');
    return { exitCode: 1 };
  }
};

const timeOf = (now: number): string => new Date(now).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');

/** A pattern of an include: of a folder's files as far as they can be known, those of the image and of mounted volumes. */
async function matching(pattern: string, { files }: ModelContext): Promise<readonly string[]> {
  const folder = pattern.replace(/\/[^/]*$/, '');
  const name = new RegExp(
    `^${(pattern.split('/').at(-1) ?? '')
      .replace(/[.+^$()|{}\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return (await files.list(folder)).filter((file) => name.test(file)).map((file) => `${folder}/${file}`);
}

function mustBeWritable(path: string, { files, uid }: ModelContext): void {
  const refusal = files.refusal(path, uid);
  if (refusal === undefined) return;
  throw new Emergency(`${path.endsWith('.pid') ? 'open()' : 'mkdir()'} "${path}" failed (${refusal})`);
}

type Contexts = ReadonlyMap<ServerBlock, { readonly context: SecureContext; readonly options: object }>;

async function tlsOf({ servers }: NginxConfig, { files }: ModelContext): Promise<Contexts> {
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

async function pem(path: string, what: string, files: ModelContext['files']): Promise<Buffer> {
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

function serving(config: NginxConfig, tls: Contexts, version: string, context: ModelContext): ModelledServer {
  const ports = [...new Set(config.servers.flatMap(({ listens }) => listens.map(({ port }) => port)))];
  const disposables: (() => void)[] = [];
  const servers = new Map(
    ports.map((port) => {
      const take = (request: IncomingMessage, response: ServerResponse): void => {
        const server = serverFor(config.servers, port, request.headers.host ?? '');
        if (server === undefined) {
          response.destroy();
          return;
        }
        respond({ config, server, port, version, context, request, response }).catch(() => response.destroy());
      };
      const limits = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS };
      const plain = createServer(limits, take);
      const first = config.servers.find(({ listens }) => listens.some((one) => one.port === port && one.isTls));
      const options = first === undefined ? undefined : tls.get(first)?.options;
      const secure =
        options === undefined
          ? undefined
          : createTlsServer(
              {
                ...limits,
                ...options,
                SNICallback: (name, done) => {
                  const server = serverFor(config.servers, port, name);
                  done(null, server === undefined ? undefined : tls.get(server)?.context);
                },
              },
              take,
            );
      secure?.on('tlsClientError', (_, socket: TLSSocket) => socket.destroy());
      disposables.push(
        () => plain.closeAllConnections(),
        () => secure?.closeAllConnections(),
      );
      return [port, { plain, secure }] as const;
    }),
  );
  let open = 0;
  return {
    listens: ports,
    accept(port, socket) {
      const { plain, secure } = servers.get(port) ?? {};
      if (plain === undefined || open >= MAX_CONNECTIONS) {
        socket.destroy();
        return;
      }
      open += 1;
      socket.once('close', () => (open -= 1));
      socket.on('error', () => socket.destroy());
      if (secure === undefined) plain.emit('connection', socket);
      else sortOut(socket, (isTls) => (isTls ? secure : plain).emit('connection', socket));
    },
    [Symbol.dispose]: () => disposables.forEach((end) => end()),
  };
}

/** Whether a connection to a port with TLS speaks TLS is told by its first byte, 22 for a handshake. */
function sortOut(socket: Duplex, then: (isTls: boolean) => void): void {
  socket.once('readable', () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) {
      socket.destroy();
      return;
    }
    socket.unshift(bytes);
    then(bytes[0] === 22);
  });
}
