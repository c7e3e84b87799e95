import { Socket as Datagrams } from 'node:dgram';
import { Server, Socket } from 'node:net';

export type Handle = Socket | Server | Datagrams;

/**
 * Sockets that a lab's supervisor made inside hosts, on their way to whoever asked for them. They come on a line of their own, so
 * before or after the answer in words. One that nobody waits for any more is closed.
 */
export class HandedOver {
  /** Where a host's modelled commands call, by host; they come without being asked for. */
  readonly commandSockets = new Map<string, Server>();
  readonly #expected = new Map<number, (handle: Handle) => void>();

  /** To be called before the request of that number is sent. */
  expect(id: number): Promise<Handle> {
    const given = Promise.withResolvers<Handle>();
    this.#expected.set(id, given.resolve);
    return given.promise;
  }

  forget(id: number): void {
    this.#expected.delete(id);
  }

  take(message: unknown, handle: unknown): void {
    const id = typeof message === 'object' && message !== null && 'id' in message ? String(message.id) : '';
    if (!(handle instanceof Socket || handle instanceof Server || handle instanceof Datagrams)) return;
    handle.on('error', () => undefined); // whoever gets it listens too; until then a reset must not end the server
    if (/^\d+$/.test(id)) {
      const taker = this.#expected.get(Number(id));
      if (taker !== undefined) taker(handle);
      else if (handle instanceof Socket) handle.destroy();
      else handle.close();
    } else if (handle instanceof Server) this.commandSockets.set(id, handle);
  }
}
