import type { Duplex } from 'node:stream';
import { type Image, runsOwnServer } from '../images/image.ts';
import { type ModelContext, type ModelledServer, type Started } from '../images/models/model.ts';
import type { OwnServer } from '../images/models/program.ts';
import { MODELS } from '../images/models/models.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import type { Process } from '../kubernetes/kubelet/process.ts';
import { LogRing } from './log-ring.ts';
import { terminationMessage } from './termination-message.ts';

/** One run of a container whose process is a model. */
export interface ModelledRun {
  readonly id: string;
  readonly container: Container;
  readonly log: LogRing;
  readonly started: Promise<Started>;
  /** Once it serves. */
  server: ModelledServer | undefined;
  /** Once it has ended. */
  exitCode: number | undefined;
}

export interface ModelledServersOptions {
  readonly now: () => number;
  /** All but the log of what a run is given. */
  readonly context: (pod: Pod, container: Container, image: Image) => Omit<ModelContext, 'log'>;
  /** Hears when a run begins to serve, or has ended. */
  readonly changed: (pod: Pod) => void;
  /** Hears of a run that has ended and of its exit code. */
  readonly ended: (pod: Pod, container: string, id: string, exitCode: number) => void;
}

/** The modelled programs of a lab's containers, by pod and container; the newest run of each and the one before. */
export class ModelledServers {
  readonly #options: ModelledServersOptions;
  readonly #runs = new Map<string, Map<string, { now: ModelledRun; before: ModelledRun | undefined }>>();

  constructor(options: ModelledServersOptions) {
    this.#options = options;
  }

  /** Whether that container's process is modelled. */
  isModelled(container: Container, image: Image): boolean {
    return MODELS[image.repository] !== undefined && runsOwnServer(container, image);
  }

  /** That run of a container, begun if it is a new one. */
  begin(pod: Pod, container: Container, image: Image, id: string): ModelledRun {
    const uid = pod.metadata.uid ?? '';
    const runs = this.#runs.get(uid) ?? new Map<string, { now: ModelledRun; before: ModelledRun | undefined }>();
    this.#runs.set(uid, runs);
    const known = runs.get(container.name);
    if (known?.now.id === id) return known.now;
    known?.now.server?.[Symbol.dispose]?.();
    const run = this.#start(pod, container, image, id);
    runs.set(container.name, { now: run, before: known?.now });
    return run;
  }

  #start(pod: Pod, container: Container, image: Image, id: string): ModelledRun {
    const { now, context, changed, ended } = this.#options;
    const log = new LogRing(now);
    const model = MODELS[image.repository];
    const said = image.log.map((line) => `${line}\n`).join('');
    if (said !== '') log.add('stdout', Buffer.from(said));
    const given: ModelContext = {
      ...context(pod, container, image),
      log: (line, stream = 'stdout') => log.add(stream, Buffer.from(`${line}\n`)),
    };
    const started: Promise<Started> = (model?.(given) ?? Promise.resolve({ exitCode: 0 })).catch((error: unknown) => {
      given.log(error instanceof Error ? error.message : String(error), 'stderr');
      return { exitCode: 1 };
    });
    const run: ModelledRun = { id, container, log, started, server: undefined, exitCode: undefined };
    void started.then((outcome) => {
      if ('server' in outcome && run.exitCode === undefined) run.server = outcome.server;
      else {
        this.#end(run, 'server' in outcome ? (run.exitCode ?? 0) : outcome.exitCode);
        ended(pod, container.name, id, run.exitCode ?? 0);
      }
      changed(pod);
    });
    return run;
  }

  /** That run of a container, the present one or the one before. */
  runOf({ metadata: { uid = '' } }: Pod, name: string, id: string): ModelledRun | undefined {
    const runs = this.#runs.get(uid)?.get(name);
    return [runs?.now, runs?.before].find((run) => run?.id === id);
  }

  processOf(pod: Pod, name: string, id: string): Process | undefined {
    const run = this.runOf(pod, name, id);
    if (run?.exitCode === undefined) return undefined;
    const { exitCode } = run;
    const message = terminationMessage(run.container, exitCode, '', run.log);
    return { goes: 'to its end', after: 0, exitCode, ...(message === undefined ? {} : { message }) };
  }

  /** Asks a run to end, which it does at once, or tells it that its process has. */
  stop(pod: Pod, name: string, id: string, exitCode = 0): void {
    const run = this.runOf(pod, name, id);
    if (run === undefined || run.exitCode !== undefined) return;
    this.#end(run, exitCode);
    this.#options.ended(pod, name, id, exitCode);
  }

  /** The servers of a pod's containers by the UDP ports that they have. */
  hearing({ metadata: { uid = '' } }: Pod): ReadonlyMap<number, ModelledServer> {
    const servers = [...(this.#runs.get(uid)?.values() ?? [])].flatMap(({ now }) => now.server ?? []);
    return new Map(servers.flatMap((server) => (server.hears ?? []).map((port) => [port, server] as const)));
  }

  /** The servers of a pod's containers by the ports that they have. */
  listening({ metadata: { uid = '' } }: Pod): ReadonlyMap<number, ModelledServer> {
    const ports = new Map<number, ModelledServer>();
    for (const { now } of this.#runs.get(uid)?.values() ?? [])
      for (const port of now.server?.listens ?? []) if (now.server !== undefined) ports.set(port, now.server);
    return ports;
  }

  /** The server that a run has, for whoever may have it read its configuration again or end; undefined when it has none. */
  ownServerOf(pod: Pod, name: string, id: string): OwnServer | undefined {
    const server = this.runOf(pod, name, id)?.server;
    const { changed } = this.#options;
    if (server === undefined) return undefined;
    return {
      async reload() {
        await server.reload?.();
        changed(pod);
      },
      stop: () => {
        this.stop(pod, name, id);
        changed(pod);
      },
    };
  }

  /** Resolves once every server of the pod that is starting has started or failed to. */
  async settled({ metadata: { uid = '' } }: Pod): Promise<void> {
    await Promise.all([...(this.#runs.get(uid)?.values() ?? [])].map(({ now }) => now.started));
  }

  /** Hands a connection to whoever listens on that port of the pod; false when nobody does. */
  accept(pod: Pod, port: number, socket: Duplex): boolean {
    const server = this.listening(pod).get(port);
    server?.accept(port, socket);
    return server !== undefined;
  }

  remove(uid: string): void {
    for (const { now } of this.#runs.get(uid)?.values() ?? []) this.#end(now, 0);
    this.#runs.delete(uid);
  }

  clear(): void {
    for (const uid of this.#runs.keys()) this.remove(uid);
  }

  #end(run: ModelledRun, exitCode: number): void {
    run.exitCode = exitCode;
    run.server?.[Symbol.dispose]?.();
    run.server = undefined;
    run.log.close();
  }
}
