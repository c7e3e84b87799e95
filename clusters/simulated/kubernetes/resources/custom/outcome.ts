import type { Findings } from '../validation/field-errors.ts';

/** What was found, and how much was looked at: of several schemas that do not hold, the one that told most is shown. */
export interface Outcome {
  readonly found: Findings;
  readonly looks: number;
}

/** Where a value stands; `path` is empty at the root of what is checked. */
export interface Place {
  readonly path: string;
  /** The value that the update replaces; undefined where there is none, or where none can be told to be the same. */
  readonly old?: unknown;
}
