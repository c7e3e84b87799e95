import type { Socket as Datagrams } from 'node:dgram';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import type { Server, Socket } from 'node:net';
import type { Shell } from '../../cluster.ts';
import type { NodePathKind } from '../hosts/node-path-kind.ts';
import { openHostTerminal } from '../hosts/host-shell.ts';
import { LAN } from '../hosts/network-plan.ts';
import { spawnBare } from '../hosts/program-run.ts';
import type { Supervisor } from '../hosts/supervisor.ts';
import { cableOf } from './cable.ts';
import type { ObservedCall } from '../tools/falco/events.ts';
import type { AuditRecord } from './audit-record.ts';
import { ObservedContainers } from './observed-containers.ts';
import { confinementFields } from './confinement-fields.ts';
import { entryFields, launchFields } from './launch-fields.ts';
import {
  type ContainerLaunch,
  type ContainerProcess,
  type ExecStreams,
  type ImageCommands,
  type NetworkChange,
  type Plug,
  type PodRequest,
  type PodSandboxes,
  type SandboxedPod,
  StartFailure,
} from './sandbox.ts';

/** Containers that a lab may run at once. */
const MAX_CONTAINERS = 60;

/** Sandboxes that a lab's supervisor makes (hosts/agent/pod.pl, container.pl). */
export class SupervisedSandboxes implements PodSandboxes {
  readonly #supervisor: Supervisor;
  readonly #observed: ObservedContainers;
  /** Pods whose network is that of a node without a machine. */
  readonly #standIns = new Map<string, string>();
  #pods = 0;
  #containers = 0;
  #live = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#observed = new ObservedContainers(supervisor.observer);
  }

  get isFull(): boolean {
    return this.#live >= MAX_CONTAINERS;
  }

  hearCalls(hear: (id: string, call: ObservedCall) => void): void {
    this.#observed.hearCalls(hear);
  }

  hearRecords(hear: (id: string, record: AuditRecord) => void): void {
    this.#observed.hearRecords(hear);
  }

  wantCalls(wanted: boolean): void {
    this.#observed.wantCalls(wanted);
  }

  async makeNode(name: string, address: string): Promise<void> {
    if (this.#supervisor.hosts.has(name)) return;
    const { bridge, gateway } = LAN;
    const plug: Plug = { node: '', bridge, ways: [['default', gateway]] };
    this.#standIns.set(name, await this.#makeSandbox({ hostname: name, address, plug, node: '', shares: [] }));
  }

  /** By which the supervisor knows the network of a node; the router's has an empty name. */
  #networkOf(node: string): string {
    return this.#supervisor.hosts.has(node) ? node : (this.#standIns.get(node) ?? '');
  }

  async setRules(node: string, rules: string): Promise<void> {
    await this.#supervisor.ask('filter', this.#networkOf(node), rules);
  }

  async changeNodeNetwork(node: string, { links, rules, routesLoopback = false }: NetworkChange): Promise<void> {
    const settings = routesLoopback ? 'ip_forward conf/all/route_localnet' : 'ip_forward';
    await this.#supervisor.ask('host-network', this.#networkOf(node), settings, links, rules);
  }

  async nodeRules(node: string): Promise<string> {
    const [said] = await this.#supervisor.ask('host-rules', this.#networkOf(node));
    return String(said ?? '');
  }

  watchRules(node: string, chain: string, deleted: () => void): Promise<Disposable> {
    return this.#supervisor.watchRules(this.#networkOf(node), chain, deleted);
  }

  async nodePath(node: string, path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind> {
    const [kind] = await this.#supervisor.ask('node-path', node, path, make ?? '');
    return String(kind) as NodePathKind;
  }

  async nodeFile(node: string, path: string, maxBytes: number): Promise<Buffer | undefined> {
    const read = await this.#supervisor.ask('read', node, path, maxBytes).catch(() => undefined); // a node without a machine
    if (read === undefined) return undefined;
    const [outcome, , truncated, content] = read;
    return String(outcome) === 'read' && String(truncated) !== '1' ? (content ?? Buffer.alloc(0)) : undefined;
  }

  /** Returns the name by which the supervisor knows it. */
  async #makeSandbox(request: PodRequest): Promise<string> {
    const { hostname, node, shares, plug } = request;
    const number = ++this.#pods;
    const name = `p${number}`;
    const { outside, inside } = cableOf(request, number);
    if (shares.includes('pid')) await this.#supervisor.lookers.get(node)?.();
    await this.#supervisor.ask(
      'pod',
      name,
      hostname.slice(0, 63),
      lines(outside),
      lines(inside),
      node,
      shares.join(' '),
      plug === 'none' ? '' : this.#networkOf(plug.node),
    );
    return name;
  }

  async makePod(request: PodRequest): Promise<SandboxedPod> {
    const name = await this.#makeSandbox(request);
    const served = new Set<Server | Datagrams>();
    void this.#supervisor.ended.then(() => served.forEach((server) => server.close()));
    return {
      writeVolumes: async (entries) => {
        await this.#supervisor.ask('volumes', name, ...entries.flatMap(entryFields));
      },
      readVolumeFile: async (path, maxBytes) => {
        const [bytes] = await this.#supervisor.ask('read-volume', name, path, maxBytes);
        return bytes ?? Buffer.alloc(0);
      },
      storageUsed: async (volumes, containers) => {
        const names = containers.map((container) => container.name);
        const used = await this.#supervisor.ask('storage-used', name, volumes.join(' '), names.join(' '));
        return used.map(Number);
      },
      run: (launch) => this.#run(name, request, launch),
      serve: async (port, accept) => {
        const server = await this.#supervisor.askForServer('listen', name, '0.0.0.0', port).catch(() => undefined);
        if (server === undefined) return undefined;
        server.unref();
        server.on('connection', accept);
        served.add(server);
        return {
          [Symbol.dispose]() {
            served.delete(server);
            server.close();
          },
        };
      },
      datagrams: async (port) => {
        const socket = await this.#supervisor
          .askForDatagrams('datagrams', name, '0.0.0.0', port)
          .catch(() => undefined);
        if (socket === undefined) return undefined;
        socket.unref();
        socket.on('error', () => undefined); // who asked has gone
        socket.on('close', () => served.delete(socket));
        served.add(socket);
        return socket;
      },
      dial: (to, port, signal): Promise<Socket | number | undefined> => this.#supervisor.dial(name, to, port, signal),
      [Symbol.asyncDispose]: async () => {
        for (const server of served) server.close();
        await this.#supervisor.ask('end-pod', name).catch(() => undefined); // the lab went first
      },
    };
  }

  async #run(pod: string, { node, task }: PodRequest, launch: ContainerLaunch): Promise<ContainerProcess> {
    if (launch.mounts.some((mount) => mount.node === node)) await this.#supervisor.lookers.get(node)?.();
    const name = `c${++this.#containers}`;
    if (launch.id !== undefined) this.#observed.know(name, launch.id);
    const { confinement } = launch;
    if (launch.streams !== 'placeholder' || confinement !== undefined) await this.#supervisor.observer.begin();
    if (confinement !== undefined) await this.#supervisor.ask('confine', name, ...confinementFields(confinement));
    const exited = this.#supervisor.containerEnded(name);
    const socket = await this.#serveCommands(name, node, launch.commands);
    void exited.then(() => socket?.close());
    const count = { output: 2, 'input and output': 3, terminal: 0, placeholder: 0 }[launch.streams];
    const started = this.#supervisor.askForSockets(count, 'container', ...launchFields(name, pod, launch, task));
    const { sockets, fields } = await started.catch((error: unknown) => {
      socket?.close();
      return asStartFailure(error);
    });
    const [stdout, stderr, stdin] = sockets;
    this.#live += 1;
    void exited.then(() => (this.#live -= 1));
    for (const socket of [stdout, stderr, stdin]) socket?.on('error', () => undefined); // the exit tells
    // A pipe has no half to shut: whoever ends a container's input means its writing end to go.
    stdin?.once('finish', () => stdin.destroy());
    const terminal = launch.streams === 'terminal' ? await this.#terminal(name, 'main', [], {}, '/') : undefined;
    return {
      name,
      pid: Number(fields[0]) || undefined,
      stdin,
      stdout: stdout ?? Readable.from([]),
      stderr: stderr ?? Readable.from([]),
      terminal,
      exited,
      signal: async (number) => {
        await this.#supervisor.ask('signal', name, number).catch(() => undefined); // it has ended
      },
      readFile: async (path, maxBytes) => {
        const [outcome, , , content] = await this.#supervisor.ask('read', name, path, maxBytes);
        return String(outcome) === 'read' ? content : undefined;
      },
      listFolder: async (path) => {
        const [outcome, ...names] = await this.#supervisor.ask('list', name, path);
        return String(outcome) === 'listed' ? names.map(String) : undefined;
      },
      exec: (argv, env, cwd, signal) => this.#exec(name, argv, env, cwd, signal),
      execOnTerminal: async (argv, env, cwd) => {
        await this.#supervisor.observer.begin();
        return this.#terminal(name, `exec${++this.#containers}`, argv, env, cwd);
      },
    };
  }

  /** Answers the calls of a container's modelled programs on a socket that it is shown. */
  async #serveCommands(
    container: string,
    node: string,
    commands: ImageCommands | undefined,
  ): Promise<Server | undefined> {
    if (commands === undefined) return undefined;
    const server = await this.#supervisor.askForServer('command-socket', container);
    server.unref();
    commands.serve(server, node);
    return server;
  }

  async #exec(
    name: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
    signal: AbortSignal,
  ): Promise<ExecStreams> {
    await this.#supervisor.observer.begin();
    const program = await spawnBare(this.#supervisor, name, argv, { env, cwd, signal });
    const exited = program.exited.catch((error: unknown) => {
      if (error instanceof Error && typeof error.cause === 'string') throw new StartFailure(error.cause);
      throw error;
    });
    exited.catch(() => undefined);
    return { ...program, exited };
  }

  #terminal(
    name: string,
    session: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
  ): Promise<Shell> {
    return openHostTerminal(this.#supervisor, name, argv, { session, cols: 80, rows: 24, env, cwd, bare: true });
  }
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;

/** What the supervisor says of a program that did not start is marked with ENOENT. */
function asStartFailure(error: unknown): never {
  if (error instanceof Error && 'errno' in error && error.errno === -constants.errno.ENOENT) {
    throw new StartFailure(error.message.replace(/^ENOENT: [^,]*, /, '').trim());
  }
  throw error;
}
