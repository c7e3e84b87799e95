import type { Severity } from '../../../images/advisories/advisory.ts';

/** A check of trivy's (github.com/aquasecurity/trivy-checks). */
export interface MisconfigurationCheck {
  /** `AVD-KSV-0014`. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
}

/** One place in a file that fails one check. */
export interface Misconfiguration {
  readonly check: MisconfigurationCheck;
  readonly message: string;
  /** First and last line, from 1; undefined when it is about the whole file. */
  readonly lines: readonly [number, number] | undefined;
}

/** What was looked at in one file. */
export interface ConfigTarget {
  /** Relative to the folder that was scanned. */
  readonly name: string;
  readonly type: 'kubernetes' | 'dockerfile';
  readonly text: string;
  readonly successes: number;
  readonly failures: readonly Misconfiguration[];
}

/** `https://avd.aquasec.com/misconfig/ksv014` for `AVD-KSV-0014`. */
export const checkUrl = ({ id }: MisconfigurationCheck): string =>
  `https://avd.aquasec.com/misconfig/${shortId(id).toLowerCase()}`;

/** `KSV014` for `AVD-KSV-0014`. */
export const shortId = (id: string): string => id.replace(/^AVD-([A-Z]+)-0(\d+)$/, '$1$2');
