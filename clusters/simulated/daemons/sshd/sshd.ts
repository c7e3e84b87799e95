import type { Server as NetServer, Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections, type Served } from '../bounded-server.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';
import type { Launch, StartFailure, Unit } from '../systemd/unit.ts';
import { authenticate, type Peer } from './authentication.ts';
import { parseConfig, type Directive, type ReadConfig } from './config-file.ts';
import { WITHOUT_EFFECT } from './keywords.ts';
import { matchesGlob, value, values } from './login-policy.ts';
import { serveSessions } from './session.ts';

const SSHD_CONFIG = '/etc/ssh/sshd_config';
export const SSHD_OPTIONS = optionTable(
  '-D',
  '-d',
  '-e',
  '-t',
  '-T',
  '-q',
  '-4',
  '-6',
  '-f=',
  '-p=',
  '-o=',
  '-C=',
  '-h=',
  '-u=',
  '-E=',
  '-b=',
  '-c=',
);

export interface SshdRequest {
  readonly host: SimulatedHost;
  /** Private host key, PEM or OpenSSH form; ed25519 is what Debian offers first. */
  readonly hostKey: string;
  /** Names a session uniquely on this host. */
  readonly newId: () => string;
}

/** sshd of one host. Logins outlive a restart (`KillMode=process`), so they end when this is disposed of, not when the unit stops. */
export interface Sshd extends Unit, AsyncDisposable {}

/** Listeners of earlier starts that may still have logins; the oldest are ended beyond it. */
const MAX_EARLIER_LISTENERS = 20;

/**
 * sshd over the host's sshd_config. Like OpenSSH it keeps the configuration it was started with until it is reloaded or restarted,
 * and a broken one keeps it from starting. Connections that are open stay open in all of that, under the rules they came in by.
 */
export function sshd(request: SshdRequest): Sshd {
  const listeners: Served[] = [];
  const closeAll = async () => {
    for (const listener of listeners) listener.close();
    for (const oldest of listeners.splice(0, Math.max(0, listeners.length - MAX_EARLIER_LISTENERS)))
      await oldest[Symbol.asyncDispose]();
  };
  const start = async (launch: Launch): Promise<StartFailure | undefined> => {
    const config = await readConfig(request.host, launch.argv.slice(1));
    if (config.outcome === 'failed') return config.failure;
    for (const line of config.warnings) launch.log(line);
    const listening = await listenAll(config, launch, (socket, peer) => {
      serveClient(request, { socket, peer, directives: config.directives, launch, banner: config.banner });
    });
    if ('status' in listening) return listening;
    listeners.push(...listening);
    return undefined;
  };
  return {
    start,
    stop: closeAll,
    titleOf: (argv) => `sshd: ${argv.join(' ')} [listener] 0 of 10-100 startups`,
    // server_accept_loop of OpenSSH's sshd.c: SIGTERM and SIGQUIT end it in order, the second as a failure.
    endsWith: { 3: 255, 15: 0 },
    pidFile: '/run/sshd.pid',
    async reload(launch) {
      // `ExecReload=/usr/sbin/sshd -t` comes first: with a broken file the old configuration stays.
      const config = await readConfig(request.host, launch.argv.slice(1));
      if (config.outcome === 'failed') return config.failure;
      launch.log('Received SIGHUP; restarting.');
      await closeAll();
      return start(launch);
    },
    async [Symbol.asyncDispose]() {
      for (const listener of listeners.splice(0)) await listener[Symbol.asyncDispose]();
    },
  };
}

export type SshdConfig =
  | {
      readonly outcome: 'read';
      readonly directives: readonly Directive[];
      readonly warnings: readonly string[];
      readonly ports: readonly number[];
      readonly banner: string | undefined;
    }
  | { readonly outcome: 'failed'; readonly failure: StartFailure };

/** Reads the configuration that `sshd` with these arguments would use. `-o` and `-p` come before the file's lines. */
export async function readConfig(host: SimulatedHost, args: readonly string[]): Promise<SshdConfig> {
  const line = parseLine(args, SSHD_OPTIONS);
  const failed = (...lines: string[]): SshdConfig => ({ outcome: 'failed', failure: { status: 255, lines } });
  if (line.outcome === 'wrong') return failed(`sshd: ${line.complaint}`);
  const path = lastOption(line.options, 'f') ?? SSHD_CONFIG;
  const given = [...(line.options.get('o') ?? []), ...(line.options.get('p') ?? []).map((port) => `Port ${port}`)];
  const read = configReader(host);
  const withOptions: ReadConfig = async (pattern) =>
    pattern === 'command-line' ? [{ path: pattern, text: given.join('\n') }] : read(pattern);
  const fromLine = given.length > 0 ? await parseConfig('command-line', withOptions) : undefined;
  if (fromLine?.outcome === 'invalid') return failed(...fromLine.lines);
  const config = await parseConfig(path, read).catch((error: unknown) => {
    if (!(error instanceof UnreadableFile)) throw error;
    return { outcome: 'invalid' as const, lines: [`${error.path}: ${error.reason}`] };
  });
  if (config.outcome === 'invalid') return failed(...config.lines.flatMap((text) => text.split('\n')));
  const directives = [...(fromLine?.directives ?? []), ...config.directives];
  const unseen = directives
    .filter(({ keyword }) => WITHOUT_EFFECT.has(keyword))
    .map(({ keyword, file, line: at }) => `not simulated: ${keyword} (${file} line ${at}) has no effect here`);
  const bannerPath = value(directives, 'banner');
  return {
    outcome: 'read',
    directives,
    warnings: [...config.warnings, ...unseen],
    ports: [...new Set(values(directives, 'port').map(([port]) => Number(port)))],
    banner: bannerPath === 'none' ? undefined : await readHostText(host, bannerPath).catch(() => undefined),
  };
}

/** Reads configuration files; a pattern may have `*` and `?` in its last part. */
function configReader(host: SimulatedHost): ReadConfig {
  // fopen(3) opens a folder too, of which there is nothing to read.
  const readText = (path: string): Promise<string | undefined> =>
    readHostText(host, path).catch((error: unknown) => {
      if (error instanceof UnreadableFile && error.reason === 'Is a directory') return '';
      throw error;
    });
  return async (pattern) => {
    const slash = pattern.lastIndexOf('/');
    const [folder, file] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
    if (!/[*?]/.test(file)) {
      const text = await readText(pattern);
      return text === undefined ? [] : [{ path: pattern, text }];
    }
    const found = ((await host.listFolder(folder)) ?? [])
      .filter((name) => !name.startsWith('.') && matchesGlob(file, name))
      .toSorted();
    const texts = await Promise.all(found.map((name) => readText(`${folder}/${name}`)));
    return found.flatMap((name, i) => (texts[i] === undefined ? [] : [{ path: `${folder}/${name}`, text: texts[i] }]));
  };
}

type Accept = (socket: Socket, peer: Peer) => void;

async function listenAll(
  config: Extract<SshdConfig, { outcome: 'read' }>,
  launch: Launch,
  accept: Accept,
): Promise<readonly Served[] | StartFailure> {
  const ports = config.ports.length > 0 ? config.ports : [22];
  const addresses = values(config.directives, 'listenaddress').map(([address = '']) => address);
  const places = (addresses.length > 0 ? addresses : ['0.0.0.0']).flatMap((address) => {
    const withPort = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address);
    if (withPort !== null) return [{ address: withPort[1] ?? withPort[2] ?? '', port: Number(withPort[3]) }];
    return ports.map((port) => ({ address, port }));
  });
  const listeners: Served[] = [];
  const errors: string[] = [];
  for (const { address, port } of places) {
    let server: NetServer;
    try {
      server = await launch.listen(port, address);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const text =
        { EADDRINUSE: 'Address already in use', EADDRNOTAVAIL: 'Cannot assign requested address' }[code] ??
        (error instanceof Error ? error.message : String(error));
      errors.push(`error: Bind to port ${port} on ${address} failed: ${text}.`);
      continue;
    }
    listeners.push(
      serveConnections(server, (socket) => {
        const { remoteAddress = '', remotePort = 0, localAddress = '' } = socket;
        accept(socket, {
          address: remoteAddress.replace(/^::ffff:/, ''),
          port: remotePort,
          localAddress,
          localPort: port,
        });
      }),
    );
    launch.log(`Server listening on ${address} port ${port}.`);
  }
  for (const line of errors) launch.log(line);
  if (errors.length === places.length) return { status: 255, lines: ['fatal: Cannot bind any address.'] };
  return listeners;
}

interface ClientRequest {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly directives: readonly Directive[];
  readonly launch: Launch;
  readonly banner: string | undefined;
}

function serveClient(request: SshdRequest, { socket, peer, directives, launch, banner }: ClientRequest): void {
  const log = (line: string) => launch.log(line);
  const seconds = graceSeconds(value(directives, 'logingracetime'));
  const grace = setTimeout(() => socket.destroy(), seconds * 1000);
  socket.once('close', () => clearTimeout(grace));
  const server = new ssh2.Server(
    {
      hostKeys: [request.hostKey],
      ident: 'OpenSSH_9.2p1 Debian-2+deb12u7',
      ...(banner === undefined ? {} : { banner }),
    },
    (client) => {
      client.on('error', () => socket.destroy()); // a scanner that speaks no SSH
      authenticate({ host: request.host, client, peer, directives, log }, (login) => {
        client.once('ready', () => clearTimeout(grace));
        serveSessions({ host: request.host, client, peer, directives, newId: request.newId }, login);
      });
      client.on('request', (_accept, reject) => reject?.()); // remote forwarding (-R) is not simulated
    },
  );
  server.injectSocket(socket);
}

/** `120`, `2m`, `1h30m`; 0 is no limit in sshd, and ten minutes here. */
function graceSeconds(text: string): number {
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };
  const seconds = [...text.toLowerCase().matchAll(/(\d+)([smh]?)/g)].reduce(
    (sum, [, n, unit = '']) => sum + Number(n) * (units[unit] ?? 1),
    0,
  );
  return seconds === 0 ? 600 : Math.min(seconds, 600);
}
