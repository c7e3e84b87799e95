import type { Socket } from 'node:net';
import { frameReader } from './frames.ts';

/** Hears of a container or host, by the supervisor's name of it, what its observer tells: a call or a record, field by field. */
export type Hearer = (name: string, fields: readonly Buffer[]) => void;

/**
 * The server's side of a lab's observer (agent/observer.pl), which is there from the first program that it has to look at. Of calls it is
 * silent while nobody wants them.
 */
export class Observer {
  readonly #connect: () => Promise<Socket>;
  readonly #hearers = new Set<Hearer>();
  #wishes = 0;
  #socket: Socket | undefined;
  #begun: Promise<void> | undefined;

  constructor(connect: () => Promise<Socket>) {
    this.#connect = connect;
  }

  /** Resolves when programs that start from now on are observed, or cannot be. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().catch(() => undefined); // the lab has ended
    return this.#begun;
  }

  hear(hearer: Hearer): void {
    this.#hearers.add(hearer);
  }

  /** Calls are told, beside records, until all who wished so have taken it back. */
  wantCalls(): Disposable {
    this.#wishes += 1;
    this.#tellWish();
    return {
      [Symbol.dispose]: () => {
        this.#wishes -= 1;
        this.#tellWish();
      },
    };
  }

  #tellWish(): void {
    this.#socket?.write(this.#wishes > 0 ? '1' : '0');
  }

  async #begin(): Promise<void> {
    const socket = await this.#connect();
    this.#socket = socket;
    socket.unref();
    socket.on('error', () => undefined); // the close says it
    socket.once('close', () => {
      this.#socket = undefined;
      this.#begun = undefined;
    });
    socket.on(
      'data',
      frameReader(([name, ...fields]) => {
        for (const hear of this.#hearers) hear(String(name), fields);
      }),
    );
    this.#tellWish();
  }
}
