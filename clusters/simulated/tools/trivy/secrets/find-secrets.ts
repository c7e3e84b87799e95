import type { Severity } from '../../../images/advisories/advisory.ts';
import { isAllowedSecret, SECRET_RULES, type SecretRule } from './rules.ts';

/** A secret in a text, told without giving it away. */
export interface FoundSecret {
  readonly rule: SecretRule;
  /** From 1. */
  readonly line: number;
  /** The lines around it by number, every secret of the text hidden. */
  readonly code: readonly (readonly [number, string])[];
}

/** Of one text, more of which tell nobody more. */
const MOST_SECRETS = 100;
/** Lines that are shown before and after (pkg/fanal/secret/scanner.go, secretHighlightRadius), and characters of each. */
const RADIUS = 2;
const LONGEST_LINE = 100;

/** Every secret in a text by trivy's rules, in order of their lines; of a secret of several lines it is the first. */
export function findSecrets(text: string, severities: readonly Severity[]): readonly FoundSecret[] {
  const matches = SECRET_RULES.filter(({ severity }) => severities.includes(severity)).flatMap((rule) =>
    [...text.matchAll(rule.pattern)].slice(0, MOST_SECRETS).flatMap((match) => {
      const secret = match.groups?.['secret'] ?? '';
      const start = match.index + match[0].indexOf(secret);
      return isAllowedSecret(secret) ? [] : [{ rule, start, end: start + secret.length }];
    }),
  );
  if (matches.length === 0) return [];
  let hidden = text;
  for (const { start, end } of matches) hidden = hidden.slice(0, start) + '*'.repeat(end - start) + hidden.slice(end);
  const lines = hidden.split('\n');
  // Lines are told by the text as it is hidden, where a secret of several lines is one.
  return matches
    .map(({ rule, start }) => {
      const line = hidden.slice(0, start).split('\n').length;
      const first = Math.max(1, line - RADIUS);
      const code = lines
        .slice(first - 1, line + RADIUS)
        .map((content, i) => [first + i, content.replace(/\r$/, '').slice(0, LONGEST_LINE)] as const);
      return { rule, line, code };
    })
    .toSorted((a, b) => a.line - b.line);
}
