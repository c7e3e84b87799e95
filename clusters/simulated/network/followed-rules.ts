import { createHash } from 'node:crypto';

export interface FollowedRulesRequest {
  /** Says what: `services`. */
  readonly name: string;
  /** The rule set as it should be now. */
  readonly rules: () => string;
  readonly set: (rules: string) => Promise<void>;
  /** A rule set that need not be set at first, as nothing does the same. */
  readonly nothing?: string;
  readonly log: (line: string) => void;
}

/** Keeps a rule set as it should be: many changes at a time make one replacement, and one that changes nothing makes none. */
export class FollowedRules {
  readonly #request: FollowedRulesRequest;
  #isStale = false;
  /** A digest: a hundred labs have these rules twice. */
  #inForce: string | undefined;
  #work: Promise<void> | undefined;

  constructor(request: FollowedRulesRequest) {
    this.#request = request;
    this.#inForce = request.nothing === undefined ? undefined : digestOf(request.nothing);
  }

  /** Resolves once what holds now is in force. */
  begin(): Promise<void> {
    this.#isStale = true;
    this.#work ??= this.#follow();
    return this.#work;
  }

  changed(): void {
    this.#isStale = true;
    if (this.#work !== undefined) return;
    this.begin().catch((error: unknown) =>
      this.#request.log(`${this.#request.name}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  /** Somebody else has done away with what was in force. */
  renew(): void {
    this.#inForce = undefined;
    this.changed();
  }

  /** Resolves when there is nothing to do, or it has failed. */
  async settled(): Promise<void> {
    await this.#work?.catch(() => undefined);
  }

  async #follow(): Promise<void> {
    try {
      while (this.#isStale) {
        await Promise.resolve(); // the changes of one turn are one
        this.#isStale = false;
        const rules = this.#request.rules();
        const digest = digestOf(rules);
        if (digest === this.#inForce) continue;
        this.#inForce = undefined;
        await this.#request.set(rules);
        this.#inForce = digest;
      }
    } finally {
      this.#work = undefined;
    }
  }
}

const digestOf = (rules: string): string => createHash('sha256').update(rules).digest('base64');
