/**
 * Lets what came in one turn of the event loop go on together, at the turn's end. Requests of many connections are then worked on step
 * by step side by side: each step's code stays in the processor's caches for all of them, and controllers hear of the changes once.
 * Measured with 16 requests at a time: a third less processor time for each patch and create; a GET, which is short, gains between
 * nothing and a half, by how many come at once. A request that comes alone waits for the check phase only, which follows the reading of sockets.
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
