import type { FlagValue } from './parse.ts';

/** Reads parsed flags with their defaults. The table's types hold, so no kind needs checking again. */
export class FlagReader {
  readonly #values: ReadonlyMap<string, FlagValue>;

  constructor(values: ReadonlyMap<string, FlagValue>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string, fallback = ''): string {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : fallback;
  }

  number(name: string, fallback: number): number {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#values.get(name);
    return typeof value === 'boolean' ? value : fallback;
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  map(name: string): Readonly<Record<string, string>> {
    const value = this.#values.get(name);
    return typeof value === 'object' && !Array.isArray(value) ? (value as Readonly<Record<string, string>>) : {};
  }
}
