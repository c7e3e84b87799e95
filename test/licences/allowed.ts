/** Licences under which what Breachlab runs or serves may be: none asks for more than a notice (spdx.org/licenses). */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
  'Zlib',
]);

/** Packages whose package.json names its licence in npm's old way, which the lock file does not carry; read in their LICENSE. */
const OLD_STYLE: Readonly<Record<string, string>> = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

/** Whether an SPDX expression (`MIT`, `(MIT OR CC0-1.0)`, `Apache-2.0 AND MIT`) lets us use a package. Absent or unknown: no. */
export function isAllowed(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const words = expression.replace(/^\((.*)\)$/, '$1');
  return words.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence.trim())));
}

/** The licence of a package of the lock file; undefined when nobody says. */
export const licenceOf = (name: string, locked: string | undefined): string | undefined => locked ?? OLD_STYLE[name];
