import type { Duplex } from 'node:stream';
import { type Image, findImage, runsOwnServer } from '../images/image.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { ModelledServers } from './modelled-servers.ts';

/** What the lab itself answers for an image's program, whose answers come from elsewhere: the cluster's Dashboard. */
export type PlayedImage = (port: number, socket: Duplex) => void;

/** The programs of images that are only known to listen: what nobody plays takes a connection and ends it without a word. */
export class PlayedImages {
  readonly #images: readonly Image[];
  readonly #servers: ModelledServers;
  readonly #programs = new Map<string, PlayedImage>();

  /** What is modelled answers for itself. */
  constructor(images: readonly Image[], servers: ModelledServers) {
    this.#images = images;
    this.#servers = servers;
  }

  /** From now on the program of images of that repository answers so, wherever it runs. */
  play(repository: string, program: PlayedImage): void {
    this.#programs.set(repository, program);
  }

  /** Who takes the connections to a pod's ports. */
  listening(pod: Pod): ReadonlyMap<number, (socket: Duplex) => void> {
    const ports = new Map<number, (socket: Duplex) => void>();
    for (const container of pod.spec.containers ?? []) {
      const image = findImage(this.#images, container.image ?? '');
      if (image === undefined || !runsOwnServer(container, image)) continue;
      if (this.#servers.isModelled(container, image)) continue;
      for (const port of image.listens)
        ports.set(port, (socket) => {
          const program = this.#programs.get(image.repository);
          if (program === undefined) socket.end();
          else program(port, socket);
        });
    }
    return ports;
  }
}
