import type { Environment } from '@marcbachmann/cel-js';

const NUMBER = '(0|[1-9]\\d{0,15})';
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]{1,128}))?(?:\\+([0-9A-Za-z.-]{1,128}))?$`,
);

class CelSemver {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
  constructor(text: string, normalize: boolean) {
    const match = SEMVER.exec(normalize ? normalized(text) : text);
    if (match === null) throw new Error(`No Major.Minor.Patch elements found`);
    this.numbers = [BigInt(match[1] ?? 0), BigInt(match[2] ?? 0), BigInt(match[3] ?? 0)];
    this.pre = match[4] === undefined ? [] : match[4].split('.');
  }
}

/** `v1.2` becomes `1.2.0`, `01` becomes `1`. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([^-+]{0,64})(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  if (parts.length > 3) return text;
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

function compare(a: CelSemver, b: CelSemver): number {
  for (const at of [0, 1, 2] as const) {
    if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] < b.numbers[at] ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0)
    return Math.sign(b.pre.length - a.pre.length) * (a.pre.length === b.pre.length ? 0 : 1);
  for (let at = 0; at < Math.max(a.pre.length, b.pre.length); at += 1) {
    const [left, right] = [a.pre[at], b.pre[at]];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftIsNumber && rightIsNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
    if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const ZERO = new CelSemver('0.0.0', false);

function holds(text: string, normalize: boolean): boolean {
  try {
    compare(new CelSemver(text, normalize), ZERO);
    return true;
  } catch {
    return false;
  }
}

/** apiserver/pkg/cel/library/semverlib.go */
export function semver(environment: Environment): void {
  const type = 'kubernetes.Semver';
  environment
    .registerType(type, { ctor: CelSemver, fields: {} })
    .registerFunction('isSemver(string): bool', (text: string) => holds(text, false))
    .registerFunction('isSemver(string, bool): bool', holds)
    .registerFunction(`semver(string): ${type}`, (text: string) => new CelSemver(text, false))
    .registerFunction(
      `semver(string, bool): ${type}`,
      (text: string, normalize: boolean) => new CelSemver(text, normalize),
    )
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) > 0)
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: CelSemver, b: CelSemver) => compare(a, b) < 0)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: CelSemver, b: CelSemver) => BigInt(compare(a, b)))
    .registerOperator(`${type} == ${type}`, (a: CelSemver, b: CelSemver) => compare(a, b) === 0)
    .registerFunction(`${type}.major(): int`, ({ numbers }: CelSemver) => numbers[0])
    .registerFunction(`${type}.minor(): int`, ({ numbers }: CelSemver) => numbers[1])
    .registerFunction(`${type}.patch(): int`, ({ numbers }: CelSemver) => numbers[2]);
}
