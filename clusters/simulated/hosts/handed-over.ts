import { Socket as Datagrams } from 'node:dgram';
import { Server, Socket } from 'node:net';

export type Handle = Socket | Server | Datagrams;

/**
 * Sockets that a lab's supervisor made inside hosts, on their way to whoever asked for them. They come on a line of their own, so
 * before or after the answer in words. One that nobody waits for any more is closed.
 */
export class HandedOver {
  /** Takes connections that nobody has asked for: of a user who is not root to a host's commands. */
  visitor: ((host: string, uid: number, socket: Socket) => void) | undefined;
  readonly #expected = new Map<string, (handle: Handle) => void>();
  /** Ports that came before the word that nobody else holds them, and such words that came before their port. */
  readonly #held = new Map<string, Handle>();
  readonly #released = new Set<string>();

  /** To be called before the request of that number is sent, or before a host of that name is. */
  expect(id: number | string): Promise<Handle> {
    const given = Promise.withResolvers<Handle>();
    this.#expected.set(String(id), given.resolve);
    return given.promise;
  }

  forget(id: number | string): void {
    this.#expected.delete(String(id));
  }

  take(id: string, handle: unknown): void {
    if (!(handle instanceof Socket || handle instanceof Server || handle instanceof Datagrams)) return;
    handle.on('error', () => undefined); // whoever gets it listens too; until then a reset must not end the server
    if (handle instanceof Socket || this.#released.delete(id)) this.#give(id, handle);
    else this.#held.set(id, handle);
  }

  /** The labs' parent has closed its own copy of a port: once the server closes it, it is free. */
  released(id: string): void {
    const handle = this.#held.get(id);
    if (handle === undefined) this.#released.add(id);
    else {
      this.#held.delete(id);
      this.#give(id, handle);
    }
  }

  #give(id: string, handle: Handle): void {
    const taker = this.#expected.get(id);
    this.#expected.delete(id);
    const [, uid, host = ''] = /^visitor(\d+)of(\w+)$/.exec(id) ?? [];
    if (taker !== undefined) taker(handle);
    else if (uid !== undefined && this.visitor !== undefined && handle instanceof Socket)
      this.visitor(host, Number(uid), handle);
    else closeHandle(handle);
  }
}

/** Of a lab that is gone, or for nobody. */
export function closeHandle(handle: unknown): void {
  if (handle instanceof Socket) handle.destroy();
  else if (handle instanceof Server || handle instanceof Datagrams) handle.close();
}
