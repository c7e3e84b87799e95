/** The named sets of one nft table. Equal ones are one, so that policies that mean the same pods share their addresses. */
export class RuleSets {
  readonly #names = new Map<string, string>();

  /** A match against such a set, as `@set3`; undefined for an empty one, which matches nothing. */
  of(type: string, elements: readonly string[]): string | undefined {
    if (elements.length === 0) return undefined;
    const text = `type ${type}; elements = { ${[...new Set(elements)].toSorted().join(', ')} }`;
    const name = this.#names.get(text) ?? `set${this.#names.size}`;
    this.#names.set(text, name);
    return `@${name}`;
  }

  /** Their declarations, a line each. */
  lines(): readonly string[] {
    return [...this.#names].map(([text, name]) => `  set ${name} { ${text}; }`);
  }
}
