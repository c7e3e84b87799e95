import { constants } from 'node:os';
import { Readable } from 'node:stream';
import type { Server } from 'node:net';
import type { Shell } from '../../cluster.ts';
import { openHostTerminal } from '../hosts/host-shell.ts';
import { spawnBare } from '../hosts/program-run.ts';
import type { Supervisor } from '../hosts/supervisor.ts';
import { confinementFields } from './confinement-fields.ts';
import { launchFields } from './launch-fields.ts';
import type { ObservedContainers } from './observed-containers.ts';
import {
  type ContainerLaunch,
  type ContainerProcess,
  type ExecStreams,
  type ImageCommands,
  type PodRequest,
  StartFailure,
} from './sandbox.ts';

/** Containers that a lab may run at once. */
const MAX_CONTAINERS = 60;

/** The containers that a lab's supervisor runs (hosts/agent/container.pl). */
export class SupervisedContainers {
  readonly #supervisor: Supervisor;
  readonly #observed: ObservedContainers;
  #begun = 0;
  #live = 0;

  constructor(supervisor: Supervisor, observed: ObservedContainers) {
    this.#supervisor = supervisor;
    this.#observed = observed;
  }

  get areFull(): boolean {
    return this.#live >= MAX_CONTAINERS;
  }

  /** Starts a container in a pod of that name. Rejects with `StartFailure` when there is nothing to run. */
  async run(pod: string, request: PodRequest, launch: ContainerLaunch): Promise<ContainerProcess> {
    if (this.areFull) throw new Error(`not simulated: more than ${MAX_CONTAINERS} running containers in a lab`);
    this.#live += 1;
    const less = (): void => void (this.#live -= 1);
    try {
      const process = await this.#begin(pod, request, launch);
      void process.exited.then(less);
      return process;
    } catch (error) {
      less();
      throw error;
    }
  }

  async #begin(pod: string, { node, task }: PodRequest, launch: ContainerLaunch): Promise<ContainerProcess> {
    if (launch.mounts.some((mount) => mount.node === node)) await this.#supervisor.lookers.get(node)?.();
    const name = `c${++this.#begun}`;
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
        return this.#terminal(name, `exec${++this.#begun}`, argv, env, cwd);
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

/** What the supervisor says of a program that did not start is marked with ENOENT. */
function asStartFailure(error: unknown): never {
  if (error instanceof Error && 'errno' in error && error.errno === -constants.errno.ENOENT) {
    throw new StartFailure(error.message.replace(/^ENOENT: [^,]*, /, '').trim());
  }
  throw error;
}
