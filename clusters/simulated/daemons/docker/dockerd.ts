import { createServer } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { findGroup } from '../accounts.ts';
import { type Served, serveConnections } from '../bounded-server.ts';
import { boundHttp, handedHttps } from '../go-tls.ts';
import { readHostText } from '../host-text.ts';
import { GO_ENDS } from '../systemd/signal-effect.ts';
import type { Launch, StartFailure, Unit } from '../systemd/unit.ts';
import { readDockerdConfig, type DockerAddress, type DockerdConfig } from './daemon-config.ts';
import type { Clock } from '../../clock.ts';
import { engineApi } from './api/engine-api.ts';
import type { Engine } from './engine.ts';

export interface Dockerd extends Unit {
  /** A connection to one of its Unix sockets from within the server; undefined while it listens on no such path. */
  connectUnix(path: string): Duplex | undefined;
}

interface Running {
  readonly listeners: AsyncDisposableStack;
  readonly paths: ReadonlySet<string>;
  readonly acceptPlain: (socket: Duplex) => void;
}

/** dockerd over the host's daemon.json and the unit's command line. Sockets and TLS are as they say, and no other. */
export function dockerd(host: SimulatedHost, engine: Engine, clock: Clock): Dockerd {
  let running: Running | undefined;
  return {
    async start(launch) {
      const config = await readDockerdConfig(host, launch.argv.slice(1));
      if (config.outcome === 'failed') return config.failure;
      launch.log(logLine('info', 'Starting up'));
      const listening = await listenAll({ host, engine, config, clock }, launch);
      if ('status' in listening) return listening;
      running = listening;
      engine.start(config.settings);
      launch.log(logLine('info', 'Daemon has completed initialization'));
      return undefined;
    },
    endsWith: GO_ENDS,
    pidFile: '/run/docker.pid',
    async stop() {
      await running?.listeners.disposeAsync();
      running = undefined;
      if (engine.settings['live-restore'] !== true) await engine.stop();
    },
    // SIGHUP re-reads the file and takes over what can change at run time; addresses and TLS cannot. A bad file is only logged.
    async reload(launch) {
      launch.log(logLine('info', 'Got signal to reload configuration, reloading from: /etc/docker/daemon.json'));
      const config = await readDockerdConfig(host, launch.argv.slice(1));
      if (config.outcome === 'failed') for (const line of config.failure.lines) launch.log(logLine('error', line));
      return undefined;
    },
    connectUnix(path) {
      if (running === undefined || !running.paths.has(path)) return undefined;
      const [ours, theirs] = duplexPair();
      running.acceptPlain(theirs);
      return ours;
    },
  };
}

interface ListenRequest {
  readonly host: SimulatedHost;
  readonly engine: Engine;
  readonly config: DockerdConfig;
  readonly clock: Clock;
}

async function listenAll(
  { host, engine, config, clock }: ListenRequest,
  launch: Launch,
): Promise<Running | StartFailure> {
  const tls = config.tls === 'none' ? undefined : await tlsOptions(host, config);
  if (typeof tls === 'string') return { status: 1, lines: [`invalid TLS configuration: ${tls}`] };
  const api = engineApi(engine, host.name, clock);
  const plain = boundHttp(createServer(api.listener)).on('upgrade', api.upgrade);
  const acceptPlain = (socket: Duplex) => {
    socket.allowHalfOpen = true; // whoever has sent all its input still waits for output
    plain.emit('connection', socket);
  };
  const acceptTls = tls === undefined ? undefined : handedHttps(tls, api.listener, api.upgrade);
  await using listeners = new AsyncDisposableStack();
  const paths = new Set<string>();
  const group = await socketGroup(host, config, launch);
  for (const address of config.addresses) {
    if (address.kind === 'fd') {
      const { handed = [] } = launch;
      if (handed.length === 0) return { status: 1, lines: [NOTHING_HANDED] };
      for (const socket of handed) {
        listeners.use(await socket.take(acceptPlain));
        paths.add(socket.text);
        launch.log(logLine('info', `API listen on ${socket.text}`));
      }
      continue;
    }
    try {
      listeners.use(await listenOne(launch, address, group, acceptTls ?? acceptPlain, acceptPlain));
    } catch (error) {
      return { status: 1, lines: [`failed to load listeners: ${bindError(address, error)}`] };
    }
    if (address.kind === 'unix') paths.add(address.path);
    if (address.kind === 'tcp' && config.tls !== 'verify') launch.log(insecureWarning(address));
    launch.log(logLine('info', `API listen on ${place(address)}`));
  }
  return { listeners: listeners.move(), paths, acceptPlain };
}

/** moby daemon/listeners/listeners_linux.go */
const NOTHING_HANDED =
  'failed to load listeners: no sockets found via socket activation: make sure the service was started by systemd';

type OwnAddress = Exclude<DockerAddress, { kind: 'fd' }>;

/** The group of its Unix sockets, by number: root's where there is none of that name (moby daemon/listeners/group_unix.go). */
async function socketGroup(host: SimulatedHost, { settings }: DockerdConfig, launch: Launch): Promise<number> {
  const name = typeof settings['group'] === 'string' ? settings['group'] : 'docker';
  const group = await findGroup(host, name);
  if (group === undefined)
    launch.log(logLine('warning', `could not change group /var/run/docker.sock to ${name}: group ${name} not found`));
  return group ?? 0;
}

async function listenOne(
  launch: Launch,
  address: OwnAddress,
  group: number,
  acceptTcp: (socket: Socket) => void,
  acceptUnix: (socket: Socket) => void,
): Promise<Served> {
  if (address.kind === 'unix') return serveConnections(await launch.listenUnix(address.path, 0o660, group), acceptUnix);
  return serveConnections(await launch.listen(address.port, address.address), acceptTcp);
}

/** Reads the certificates; a text says why that failed (github.com/docker/go-connections, tlsconfig.Server). */
async function tlsOptions(host: SimulatedHost, { tls, files }: DockerdConfig): Promise<ServerOptions | string> {
  const pair = `could not load X509 key pair (cert: "${files.cert}", key: "${files.key}")`;
  const cert = await readHostText(host, files.cert);
  if (cert === undefined) return `${pair}: open ${files.cert}: no such file or directory`;
  const key = await readHostText(host, files.key);
  if (key === undefined) return `${pair}: open ${files.key}: no such file or directory`;
  const ca = tls === 'verify' ? await readHostText(host, files.ca) : undefined;
  if (tls === 'verify' && ca === undefined)
    return `could not read CA certificate "${files.ca}": open ${files.ca}: no such file or directory`;
  const verify = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  const options: ServerOptions = { cert, key, minVersion: 'TLSv1.2', ...verify };
  try {
    handedHttps(options, () => {});
  } catch (error) {
    return `${pair}: ${error instanceof Error ? error.message : String(error)}`;
  }
  return options;
}

function bindError(address: OwnAddress, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const text = { EADDRINUSE: 'bind: address already in use', EADDRNOTAVAIL: 'bind: cannot assign requested address' }[
    code
  ];
  return `listen ${address.kind} ${place(address)}: ${text ?? (error instanceof Error ? error.message : String(error))}`;
}

function insecureWarning(address: Extract<OwnAddress, { kind: 'tcp' }>): string {
  const text =
    'Binding to IP address without --tlsverify is insecure and gives root access on this machine to everyone who has access to your network.';
  return `${logLine('warning', text)} host="tcp://${address.address}:${address.port}"`;
}

function place(address: OwnAddress): string {
  return address.kind === 'unix' ? address.path : `${address.address}:${address.port}`;
}

function logLine(level: 'info' | 'warning' | 'error', message: string): string {
  return `level=${level} msg=${JSON.stringify(message)}`;
}
