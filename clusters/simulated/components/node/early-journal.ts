/** A kubelet's journal that is written to before its host is up: lines wait for the host, and then go straight to it. */
export class EarlyJournal {
  #unsaid: string[] = [];
  #host: ((line: string) => void) | undefined;

  write(line: string): void {
    if (this.#host === undefined) this.#unsaid.push(line);
    else this.#host(line);
  }

  moveInto(host: (line: string) => void): void {
    for (const line of this.#unsaid.splice(0)) host(line);
    this.#host = host;
  }

  /** The host is gone; what it has not been told is forgotten. */
  clear(): void {
    this.#unsaid = [];
    this.#host = undefined;
  }
}
