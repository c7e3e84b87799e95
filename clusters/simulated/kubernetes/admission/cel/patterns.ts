import { RE2JS } from 're2js';
import { spend } from './budget.ts';

/** Compiled patterns by their source, shared by all labs; forgotten together at some point. */
const compiled = new Map<string, RE2JS>();
const MOST_COMPILED = 500;
/** Characters; a compiled program is some 30 times its source. */
const LONGEST_SOURCE = 4096;

/** A pattern of RE2, which takes time linear in the text. Throws with Go's words: ``error parsing regexp: missing closing ): `(` ``. */
export function pattern(source: string): RE2JS {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  if (source.length > LONGEST_SOURCE)
    throw new Error(`not simulated: a pattern of more than ${LONGEST_SOURCE} characters`);
  let made: RE2JS;
  try {
    made = RE2JS.compile(source);
  } catch (error) {
    throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(source, made);
  return made;
}

/** Time grows with the text and with the program's size: both are paid for before the search begins. */
const searchCost = (characters: number, made: RE2JS): number => 1 + (characters * made.programSize()) / 4;

function searched(text: string, source: string): RE2JS {
  const made = pattern(source);
  spend(searchCost(text.length, made));
  return made;
}

export const matches = (text: string, source: string): boolean => searched(text, source).matcher(text).find();

/** The first match, `''` for none. */
export function find(text: string, source: string): string {
  const matcher = searched(text, source).matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

/** At most `limit` matches; all of them when it is negative. Each may have looked at all the rest of the text, and pays for it. */
export function findAll(text: string, source: string, limit = -1): string[] {
  const made = searched(text, source);
  const matcher = made.matcher(text);
  const found: string[] = [];
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  while (found.length < most && matcher.find()) {
    spend(searchCost(text.length - matcher.start(), made));
    found.push(matcher.group() ?? '');
  }
  return found;
}

/** Why a pattern is none, in Go's words; undefined for a good one. */
export function patternProblem(source: string): string | undefined {
  try {
    pattern(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
