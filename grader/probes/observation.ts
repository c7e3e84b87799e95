/** What a probe found out. `unobservable` becomes the verdict `unknown`, never a failure. */
export type Observation =
  | {
      readonly outcome: 'observed';
      /** Plain JSON in the shape that the probe's file documents. */
      readonly fact: Fact;
      /** A line or a few for the report. */
      readonly evidence: string;
    }
  | { readonly outcome: 'unobservable'; readonly reason: string };

export type Fact = Readonly<Record<string, unknown>>;

/** Characters of evidence that a report keeps of one check. */
const EVIDENCE_CHARACTERS = 600;

export function observed(fact: Fact, evidence: string): Observation {
  return { outcome: 'observed', fact, evidence: printable(evidence, EVIDENCE_CHARACTERS) };
}

export function unobservable(reason: string): Observation {
  return { outcome: 'unobservable', reason: printable(reason, EVIDENCE_CHARACTERS) };
}

/** Text without control characters (a learner's bytes must not steer a terminal), cut to that many characters. */
export function printable(text: string, characters: number): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const clean = text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
  return clean.length > characters ? `${clean.slice(0, characters)}…` : clean;
}

/** A signal that also fires after so many seconds; `expired` tells that from the caller's own abort. */
export function within(signal: AbortSignal, seconds: number): { readonly signal: AbortSignal; expired(): boolean } {
  const timeout = AbortSignal.timeout(Math.ceil(seconds * 1000));
  return { signal: AbortSignal.any([signal, timeout]), expired: () => timeout.aborted && !signal.aborted };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
