import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

let texts: Texts | undefined;

/** What upstream's documentation says of a type, or of one of its fields; empty when it says nothing. The texts (700 KB) load on first use. */
export function descriptionOf(type: string, field = ''): string {
  texts ??= JSON.parse(readFileSync(join(import.meta.dirname, 'generated', 'descriptions.json'), 'utf8')) as Texts;
  return texts[type]?.[field] ?? '';
}

/** Drops the texts; the next question loads them again. Whoever has built its documents calls it. */
export function forgetDescriptions(): void {
  texts = undefined;
}
