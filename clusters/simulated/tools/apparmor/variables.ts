import { ProfileError } from './profile.ts';

/** Set by the parser itself: what they stand for nothing here asks for. */
const OWN = ['profile_name', 'exec_path', 'attach_path'];
/** Paths that one rule may stand for. */
const MOST_PATHS = 40;

/** The variables of a profile's file (apparmor.d(5), "Variables"). */
export class Variables {
  readonly #values = new Map<string, readonly string[]>(OWN.map((name) => [name, []]));

  /** Adds values to a variable, which it declares. Throws `ProfileError` on another one that nobody has declared. */
  add(name: string, values: readonly string[]): void {
    const known = this.#values.get(name) ?? [];
    this.#values.set(name, [...known, ...values.filter((one) => one !== '').flatMap((value) => this.expanded(value))]);
  }

  /** A text with each value of its variables in their place, slashes in a row as one. Throws `ProfileError` as `add`. */
  expanded(text: string): readonly string[] {
    this.check(text);
    let found = [text];
    for (;;) {
      const [whole, name = ''] = /@\{(\w+)\}/.exec(found[0] ?? '') ?? [];
      if (whole === undefined) return found.map((one) => one.replaceAll(/\/{2,}/g, '/'));
      const values = this.#values.get(name) ?? [];
      found = found.flatMap((one) => values.map((value) => one.replaceAll(whole, () => value)));
      if (found.length > MOST_PATHS) throw new ProfileError(`not simulated: so many values of @{${name}}`);
    }
  }

  check(text: string): void {
    for (const [, name = ''] of text.matchAll(/@\{(\w+)\}/g))
      if (!this.#values.has(name)) throw new ProfileError(`Found reference to variable ${name}, but is never declared`);
  }
}
