export const SEVERITIES = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Why no version fixes it, as trivy spells Debian's words. */
export type UnfixedStatus = 'affected' | 'will_not_fix' | 'fix_deferred';

/** One published vulnerability of one source package in one distribution's branch, or of one Go module. */
export interface Advisory {
  /** `CVE-2024-2961`. */
  readonly id: string;
  readonly source: string;
  /** The first version without it; for Go one for each release line. Empty while there is none. */
  readonly fixed: readonly string[];
  /** Only where `fixed` is empty. */
  readonly unfixed: UnfixedStatus | undefined;
  readonly severity: Severity;
  readonly title: string;
}

const isUnfixed = (text: string): text is UnfixedStatus =>
  text === 'affected' || text === 'will_not_fix' || text === 'fix_deferred';

/** Rows of one source: id, first fixed version (or why there is none; several by commas), severity, title. */
export const advisories = (
  source: string,
  ...rows: readonly (readonly [id: string, fixed: string, severity: Severity, title: string])[]
): readonly Advisory[] =>
  rows.map(([id, fixed, severity, title]) => ({
    id,
    source,
    fixed: isUnfixed(fixed) ? [] : fixed.split(', '),
    unfixed: isUnfixed(fixed) ? fixed : undefined,
    severity,
    title,
  }));
