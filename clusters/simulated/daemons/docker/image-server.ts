import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { parseReference } from '../../images/image.ts';
import type { ModelContext, ModelledServer } from '../../images/models/model.ts';
import { MODELS } from '../../images/models/models.ts';
import { NO_CLUSTER } from '../../network/dns/cluster-names.ts';
import { imageCommands } from '../../pods/image-commands.ts';
import type { RealContainer } from '../../pods/real-container.ts';
import type { ContainerLaunch, ContainerProcess, ImageCommands, SandboxedPod } from '../../pods/sandbox.ts';
import type { EngineImage } from './engine-images.ts';

const MAX_FILE = 2 ** 20;
const SIGKILL = 9;

export interface ImageServerOptions {
  readonly image: EngineImage;
  readonly launch: Pick<ContainerLaunch, 'argv' | 'env' | 'uid'>;
  readonly sandbox: SandboxedPod;
  readonly clock: Clock;
  /** The container's run, once there is one. */
  readonly container: () => RealContainer | undefined;
  readonly fault: (error: unknown) => void;
}

/** The modelled programs of an image in a container of Docker: its own server, and those that speak to it (`nginx -s reload`). */
export class ImageServer implements Disposable {
  readonly #options: ImageServerOptions;
  readonly #context: ModelContext;
  readonly #open = new Map<number, Disposable | undefined>();
  #server: ModelledServer | undefined;

  constructor(options: ImageServerOptions) {
    const { image, launch, sandbox, clock, container } = options;
    const process = async (): Promise<ContainerProcess | undefined> => (await container()?.started)?.process;
    this.#options = options;
    this.#context = {
      tag: parseReference(image.reference)?.tag ?? 'latest',
      ...launch,
      files: {
        read: async (path) => (await process())?.readFile(path, MAX_FILE),
        list: async (folder) => (await (await process())?.listFolder(folder)) ?? [],
        refusal: () => undefined,
      },
      now: () => clock.now(),
      after: (ms, what) => clock.after(ms, what),
      objects: NO_CLUSTER,
      log: (line, stream = 'stdout') => container()?.say(stream, Buffer.from(`${line}\n`)),
      resolve: (host) => Promise.resolve(/^[\d.]+$/.test(host) ? host : undefined),
      dial: async (to, port, signal) => {
        const socket = await sandbox.dial(to, port, signal);
        return typeof socket === 'number' ? undefined : socket;
      },
    };
  }

  /** What the container's other programs can call; undefined for an image that has none. */
  get commands(): ImageCommands | undefined {
    const { image, fault } = this.#options;
    return imageCommands(image.row, this.#context, () => this.#ownServer(), fault);
  }

  /** Lets the image's own server answer in the container's network; what is only known to listen takes a connection and ends it. */
  async start(): Promise<void> {
    const { row } = this.#options.image;
    for (const line of row.log) this.#context.log(line);
    const model = MODELS[row.repository];
    if (model === undefined) {
      await this.#listen(row.listens, (_port, socket) => socket.end());
      return;
    }
    const started = await model(this.#context);
    if ('exitCode' in started) return this.#end(started.exitCode);
    this.#server = started.server;
    await this.#serve(started.server);
  }

  async #ownServer(): ReturnType<Parameters<typeof imageCommands>[2]> {
    const server = this.#server;
    if (server === undefined) return undefined;
    return {
      reload: async () => {
        await server.reload?.();
        await this.#serve(server);
      },
      stop: () => void this.#end(0),
    };
  }

  #serve(server: ModelledServer): Promise<void> {
    return this.#listen(server.listens, (port, socket) => server.accept(port, socket));
  }

  async #listen(ports: readonly number[], accept: (port: number, socket: Socket) => void): Promise<void> {
    for (const [port, open] of this.#open)
      if (!ports.includes(port)) {
        open?.[Symbol.dispose]();
        this.#open.delete(port);
      }
    for (const port of ports)
      if (!this.#open.has(port))
        this.#open.set(port, await this.#options.sandbox.serve(port, (socket) => accept(port, socket)));
  }

  async #end(exitCode: number): Promise<void> {
    const container = this.#options.container();
    container?.endWith(exitCode);
    await container?.signal(SIGKILL);
  }

  [Symbol.dispose](): void {
    this.#server?.[Symbol.dispose]?.();
    this.#server = undefined;
  }
}
