import type { FalcoEvent } from './fields/field.ts';
import { findField, type FoundField } from './fields/table.ts';

type Part = { readonly text: string } | { readonly field: FoundField };

/** A rule's output, ready to be filled in. */
export interface OutputFormat {
  readonly parts: readonly Part[];
}

/** What is wrong with an output, in libsinsp's words (userspace/libsinsp/eventformatter.cpp), or `not simulated: …`. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** Reads `%field`, `%field[argument]` and plain text. Throws `FormatError` on a field that there is not. */
export function parseOutput(output: string): OutputFormat {
  const parts: Part[] = [];
  let at = 0;
  for (const match of output.matchAll(/%([a-zA-Z]+[a-zA-Z0-9_]*(?:\.[a-zA-Z0-9_]+)*)(?:\[([^\]]*)\])?/g)) {
    if (match.index > at) parts.push({ text: output.slice(at, match.index) });
    const [whole, name = '', argument] = match;
    const search = findField(name, argument);
    if ('refused' in search)
      throw new FormatError(search.refused ?? `invalid formatting token ${output.slice(match.index + 1)}`);
    parts.push({ field: search.found });
    at = match.index + whole.length;
  }
  if (at < output.length) parts.push({ text: output.slice(at) });
  return { parts };
}

/** The output with the event's values in it; `<NA>` for those that it does not have. */
export const fillIn = ({ parts }: OutputFormat, event: FalcoEvent): string =>
  parts.map((part) => ('text' in part ? part.text : (shown(part.field, event) ?? '<NA>'))).join('');

function shown(field: FoundField, event: FalcoEvent): string | undefined {
  const value = field.value(event);
  return value === undefined ? undefined : typeof value === 'object' ? value.join(',') : String(value);
}

/** The fields that an output names with their values, as JSON has them: numbers and flags as such. */
export function fieldsOf({ parts }: OutputFormat, event: FalcoEvent): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const part of parts) {
    if ('text' in part) continue;
    const value = part.field.value(event);
    fields[part.field.name] = value ?? null;
  }
  return fields;
}
