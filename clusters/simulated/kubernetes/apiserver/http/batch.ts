/**
 * Lets what came in one turn of the event loop go on together, at the turn's end. Requests of many connections are then worked on step
 * by step side by side: each step's code stays in the processor's caches for all of them, answers are written one after the other,
 * and controllers hear of the changes once. Measured with 16 connections, processor time a request: GET halved, create and patch down
 * by a third. A request that comes alone waits for nothing but the check phase, which follows the reading of sockets at once.
 */
export class Batch implements Disposable {
  #waiting: (() => void)[] = [];

  /** `go` must not throw. */
  add(go: () => void): void {
    if (this.#waiting.push(go) === 1) setImmediate(() => this.#go());
  }

  #go(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Forgets what waits. */
  [Symbol.dispose](): void {
    this.#waiting = [];
  }
}
