/** Sessions that are open at a time; the oldest end first. */
const MAX_TOKENS = 200;

/** Seconds, as the service takes them. */
export const MAX_TOKEN_SECONDS = 21_600;

/** The sessions of callers who asked for one (version 2 of the service). */
export class Tokens {
  readonly #endsAt = new Map<string, number>();
  readonly #newToken: () => string;
  readonly #now: () => number;

  constructor(newToken: () => string, now: () => number) {
    this.#newToken = newToken;
    this.#now = now;
  }

  issue(seconds: number): string {
    const token = this.#newToken();
    this.#endsAt.set(token, this.#now() + seconds * 1000);
    for (const oldest of this.#endsAt.keys()) {
      if (this.#endsAt.size <= MAX_TOKENS) break;
      this.#endsAt.delete(oldest);
    }
    return token;
  }

  isValid(token: string): boolean {
    return (this.#endsAt.get(token) ?? 0) > this.#now();
  }
}
