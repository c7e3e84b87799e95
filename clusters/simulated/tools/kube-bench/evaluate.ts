import { parse } from 'yaml';
import { isScored, type Check, type TestItem, type Tests } from './benchmark.ts';
import type { NodeState } from './node-state.ts';

export type State = 'PASS' | 'FAIL' | 'WARN' | 'INFO';

export interface CheckResult {
  readonly check: Check;
  readonly state: State;
  readonly actual: string;
  readonly expected: string;
  readonly reason: string;
}

interface ItemResult {
  readonly holds: boolean;
  readonly found: boolean;
  readonly actual: string;
  readonly expected: string;
}

/** Judges one recommendation on a node as kube-bench does (check/check.go, `Check.run`). */
export function evaluate(check: Check, node: NodeState): CheckResult {
  const { audit, config, tests } = check;
  if (audit === undefined || tests === undefined)
    return { check, state: 'WARN', actual: '', expected: '', reason: 'Test marked as a manual test' };
  const output = audit.output(node);
  const file = config?.output(node) ?? '';
  const results = tests.items.map((item): ItemResult => {
    const onLine = overLines(output, tests, (text) => judge(item.flag, valueOf(item, text), item));
    if (onLine.found || file === '' || item.path === undefined) return onLine;
    return { ...judge(`{.${item.path.join('.')}}`, valueAt(item.path, file), item), actual: file };
  });
  const holds = tests.join === 'or' ? results.some((one) => one.holds) : results.every((one) => one.holds);
  return {
    check,
    state: holds ? 'PASS' : isScored(check) ? 'FAIL' : 'WARN',
    actual: results[0]?.actual ?? '',
    expected: results.map(({ expected }) => expected).join(tests.join === 'or' ? ' OR ' : ' AND '),
    reason: '',
  };
}

type Judged = Omit<ItemResult, 'actual'>;

/** The first line that does not hold decides. */
function overLines(output: string, tests: Tests, one: (text: string) => Judged): ItemResult {
  const text = output.trimEnd();
  const lines = tests.eachLine ? text.split('\n') : [text];
  const judged = lines.map(one);
  const worst = judged.find(({ holds }) => !holds) ?? judged.at(-1) ?? one('');
  return { ...worst, actual: text };
}

/** `--flag=value`, `flag: value`, `--flag value`; a flag alone is true, a word alone is itself (check/test.go, `findValue`). */
function valueOf({ flag, expect }: TestItem, text: string): string | undefined {
  const at = text.indexOf(flag);
  if (at < 0) return undefined;
  const rest = text.slice(at + flag.length);
  const [, joined = ''] = /^(?:=|: *)*(\S*)/.exec(rest) ?? [];
  if (joined !== '') return joined;
  const [, apart] = /^\s+([^\s-]\S*)/.exec(rest) ?? [];
  if (apart !== undefined && 'value' in expect) return apart;
  return flag.startsWith('--') ? 'true' : flag;
}

/** A value in a YAML or JSON file as client-go's jsonpath prints it; lists with commas between. */
function valueAt(path: readonly string[], text: string): string | undefined {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 20 });
  } catch {
    return undefined;
  }
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  if (Array.isArray(value)) return value.map(String).join(',');
  const said =
    typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  return said === '' ? undefined : said;
}

function judge(name: string, value: string | undefined, { expect }: TestItem): Judged {
  const found = value !== undefined;
  if (expect.op === 'unset') return { holds: !found, found, expected: `'${name}' is not present` };
  if (!('value' in expect) || value === undefined) return { holds: found, found, expected: `'${name}' is present` };
  const { op, value: wanted } = expect;
  const answer = (holds: boolean, words: string): Judged => ({ holds, found, expected: `'${name}' ${words}` });
  // Go's bools are compared whatever their case.
  const said = /^(?:true|false)$/i.test(value) ? value.toLowerCase() : value;
  switch (op) {
    case 'eq':
      return answer(said === wanted, `is equal to '${wanted}'`);
    case 'noteq':
      return answer(said !== wanted, `is not equal to '${wanted}'`);
    case 'has':
      return answer(value.includes(wanted), `has '${wanted}'`);
    case 'nothave':
      return answer(!value.includes(wanted), `does not have '${wanted}'`);
    case 'gte':
      return answer(/^-?\d+$/.test(value) && Number(value) >= Number(wanted), `is greater or equal to ${wanted}`);
    case 'bitmask': {
      const expected = `${name} has permissions ${value}, expected ${wanted} or more restrictive`;
      const mode = Number.parseInt(value, 8);
      return { holds: (mode & ~Number.parseInt(wanted, 8)) === 0 && !Number.isNaN(mode), found, expected };
    }
    case 'valid_elements': {
      const allowed = new Set(wanted.split(','));
      const given = value.replace(/,+$/, '').split(',');
      return answer(
        given.every((one) => allowed.has(one.trim())),
        `contains valid elements from '${wanted}'`,
      );
    }
    default:
      return op satisfies never;
  }
}
