export interface FollowedRulesRequest {
  /** Says what: `services`. */
  readonly name: string;
  /** The rule set as it should be now. */
  readonly rules: () => string;
  readonly set: (rules: string) => Promise<void>;
  readonly log: (line: string) => void;
}

/** Keeps a rule set as it should be: many changes at a time make one replacement, and one that changes nothing makes none. */
export class FollowedRules {
  readonly #request: FollowedRulesRequest;
  #isStale = false;
  #inForce: string | undefined;
  #isWorking = false;

  constructor(request: FollowedRulesRequest) {
    this.#request = request;
  }

  /** Resolves once what holds now is in force. */
  begin(): Promise<void> {
    this.#isStale = true;
    return this.#work();
  }

  changed(): void {
    this.#isStale = true;
    if (this.#isWorking) return;
    this.#work().catch((error: unknown) =>
      this.#request.log(`${this.#request.name}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#isStale) {
        await Promise.resolve(); // the changes of one turn are one
        this.#isStale = false;
        const rules = this.#request.rules();
        if (rules === this.#inForce) continue;
        this.#inForce = undefined;
        await this.#request.set(rules);
        this.#inForce = rules;
      }
    } finally {
      this.#isWorking = false;
    }
  }
}
