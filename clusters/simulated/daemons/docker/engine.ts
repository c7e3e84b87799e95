import { createHash } from 'node:crypto';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';

export interface EngineImage {
  /** With its tag: `alpine:3.20`. */
  readonly reference: string;
  readonly bytes: number;
  readonly created: Date;
}

export interface EngineContainer {
  readonly name: string;
  readonly image: string;
  readonly argv: readonly string[];
  readonly created: Date;
  readonly privileged: boolean;
  /** `source:target[:options]` */
  readonly binds: readonly string[];
  readonly state: 'created' | 'running' | 'exited';
  readonly exitCode: number;
}

export interface StoredContainer extends EngineContainer {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly output: Buffer;
  readonly errors: Buffer;
}

export interface ContainerWish {
  readonly name: string | undefined;
  readonly image: string;
  readonly argv: readonly string[];
  readonly privileged: boolean;
  readonly binds: readonly string[];
}

export interface EngineRequest {
  readonly host: SimulatedHost;
  readonly images: readonly EngineImage[];
  /** What runs there from the start. */
  readonly containers: readonly EngineContainer[];
  readonly clock: Clock;
}

export type EngineRefusal = { readonly status: 400 | 404 | 409 | 501; readonly message: string };

/** Containers that callers may have added; learners and attackers are untrusted. */
const MAX_CONTAINERS = 64;
const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * The images and containers of one Docker engine. A container runs only in the one form that matters to an attack: a command that
 * `chroot`s into the host's file system, which is mounted in it. It is run on the host as root, as it would be in truth.
 */
export class Engine {
  readonly images: readonly EngineImage[];
  readonly #request: EngineRequest;
  readonly #containers = new Map<string, StoredContainer>();
  #made = 0;

  constructor(request: EngineRequest) {
    this.#request = request;
    this.images = request.images;
    for (const container of request.containers) this.#store(container);
  }

  /** Newest first, as Docker lists them. */
  containers(): StoredContainer[] {
    return [...this.#containers.values()].reverse();
  }

  /** By name, id or the beginning of one. */
  find(reference: string): StoredContainer | undefined {
    const wanted = reference.replace(/^\//, '');
    return this.containers().find(({ name, id }) => name === wanted || (wanted.length >= 4 && id.startsWith(wanted)));
  }

  image(reference: string): EngineImage | undefined {
    const wanted = withTag(reference);
    return this.images.find((image) => image.reference === wanted || imageId(image).startsWith(`sha256:${reference}`));
  }

  create(wish: ContainerWish): StoredContainer | EngineRefusal {
    const { name = `container_${this.#made + 1}`, image, argv } = wish;
    if (this.image(image) === undefined) return { status: 404, message: `No such image: ${withTag(image)}` };
    const same = this.find(name);
    if (same?.name === name) {
      return {
        status: 409,
        message: `Conflict. The container name "/${name}" is already in use by container "${same.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      };
    }
    if (this.#containers.size >= MAX_CONTAINERS)
      return { status: 501, message: `not simulated: more than ${MAX_CONTAINERS} containers` };
    const { privileged, binds } = wish;
    return this.#store({
      name,
      image,
      argv,
      privileged,
      binds,
      created: new Date(this.#request.clock.now()),
      state: 'created',
      exitCode: 0,
    });
  }

  async start(container: StoredContainer, signal: AbortSignal): Promise<StoredContainer | EngineRefusal> {
    if (container.state === 'running') return container;
    const argv = commandOnHost(container);
    if (argv === undefined) {
      const message =
        'not simulated: this container. Only a command that chroots into a bind mount of / is run: -v /:/host IMAGE chroot /host COMMAND';
      return { status: 501, message };
    }
    const result = await this.#request.host.exec(argv, { signal, maxBytes: MAX_OUTPUT_BYTES });
    const ended: StoredContainer = {
      ...container,
      state: 'exited',
      exitCode: result.exitCode,
      output: result.stdout,
      errors: result.stderr,
    };
    this.#containers.set(container.id, ended);
    return ended;
  }

  remove(container: StoredContainer): void {
    this.#containers.delete(container.id);
  }

  #store(container: EngineContainer): StoredContainer {
    this.#made += 1;
    const id = digest(`${this.#request.host.name} ${this.#made} ${container.name}`);
    const stored = { ...container, id, output: Buffer.alloc(0), errors: Buffer.alloc(0) };
    this.#containers.set(id, stored);
    return stored;
  }
}

/** What a container's command is on the host itself; undefined when it does not leave the container for it. */
function commandOnHost({ argv, binds }: EngineContainer): readonly string[] | undefined {
  const roots = binds.map((bind) => bind.split(':')).filter(([source]) => source === '/');
  const [program = '', root = '', ...command] = argv;
  if (!/(?:^|\/)chroot$/.test(program) || command.length === 0) return undefined;
  return roots.some(([, target = '']) => target.replace(/\/$/, '') === root.replace(/\/$/, '')) ? command : undefined;
}

export function withTag(reference: string): string {
  return /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

export function imageId(image: EngineImage): string {
  return `sha256:${digest(image.reference)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
