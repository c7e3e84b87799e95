import { describe, expect, test } from 'vitest';
import { all, any, eachLine, flag, inFile, type Check, type Tests } from './benchmark.ts';
import { CIS_1_12 } from './cis-1.12/targets.ts';
import { evaluate } from './evaluate.ts';
import type { NodeState } from './node-state.ts';

// A check's audit here needs nothing of the node.
const NODE: NodeState = {
  processes: new Map(),
  files: new Map(),
  texts: new Map(),
  paths: {} as never,
  cluster: undefined,
};

const state = (
  tests: Tests,
  output: string,
  { config, text = 'It is so (Automated)' }: { config?: string; text?: string } = {},
) => {
  const of = (said: string) => ({ command: '', output: () => said });
  const check: Check = {
    id: '1',
    text,
    audit: of(output),
    tests,
    remediation: '',
    ...(config === undefined ? {} : { config: of(config) }),
  };
  return evaluate(check, NODE).state;
};

describe('a recommendation', () => {
  const profiling = all(flag('--profiling', 'eq', 'false'));
  const modes = eachLine(all(flag('permissions', 'bitmask', '600')));
  const anonymous = all(inFile('authentication.anonymous.enabled', flag('--anonymous-auth', 'eq', 'false')));
  const port = any(inFile('readOnlyPort', flag('--port', 'eq', '0')), inFile('readOnlyPort', flag('--port', 'unset')));
  const ciphers = all(inFile('tlsCipherSuites', flag('--ciphers', 'valid_elements', 'A,B')));

  test.each<[string, Tests, string, 'PASS' | 'FAIL', string?]>([
    ['a flag with its value', profiling, 'x --profiling=false --y', 'PASS'],
    ['a flag whose value stands apart', profiling, 'x --profiling false', 'PASS'],
    ['a bool in capitals', profiling, 'x --profiling=False', 'PASS'],
    ['a flag with another value', profiling, 'x --profiling=true', 'FAIL'],
    ['a flag alone, which is true', profiling, 'x --profiling --y', 'FAIL'],
    ['a flag that is not there', profiling, 'x', 'FAIL'],
    ['a number that is large enough', all(flag('--age', 'gte', '30')), '--age=100', 'PASS'],
    ['a number that is too small', all(flag('--age', 'gte', '30')), '--age=7', 'FAIL'],
    ['something that is no number', all(flag('--age', 'gte', '30')), '--age=30d', 'FAIL'],
    ['a mode with fewer bits', modes, 'permissions=400', 'PASS'],
    ['one file of two with too many bits', modes, 'permissions=600\npermissions=644', 'FAIL'],
    ['a file that is not there', modes, "stat: cannot statx 'x': No such file or directory", 'FAIL'],
    [
      'the file where the line says nothing',
      anonymous,
      'kubelet',
      'PASS',
      'authentication: {anonymous: {enabled: false}}',
    ],
    [
      'the line where both say something',
      anonymous,
      'kubelet --anonymous-auth=true',
      'FAIL',
      'authentication: {anonymous: {enabled: false}}',
    ],
    ['neither line nor file', port, 'kubelet', 'PASS', 'a: 1'],
    ['the file with another value', port, 'kubelet', 'FAIL', 'readOnlyPort: 10255'],
    ['a list whose elements are all allowed', ciphers, 'kubelet', 'PASS', 'tlsCipherSuites: [A, B]'],
    ['a list with another element', ciphers, 'kubelet', 'FAIL', 'tlsCipherSuites: [A, C]'],
    ['a file that is no YAML', anonymous, 'kubelet', 'FAIL', '{[}'],
  ])('judges %s', (_, tests, output, expected, config) => {
    expect(state(tests, output, config === undefined ? {} : { config })).toBe(expected);
  });

  test('that is not scored only warns', () => {
    expect(state(profiling, 'x', { text: 'It is so (Manual)' })).toBe('WARN');
  });
});

test('the table names each recommendation once, under its group, as automated or manual', () => {
  const checks = CIS_1_12.flatMap(({ groups }) => groups).flatMap((group) =>
    group.checks.map((check) => ({ check, group })),
  );
  const ids = checks.map(({ check }) => check.id);
  expect(new Set(ids).size).toBe(ids.length);
  // What cfg/cis-1.12 of kube-bench has: 60 + 5 + 7 + 25 + 34.
  expect(ids).toHaveLength(131);
  expect(checks.filter(({ check, group }) => !check.id.startsWith(`${group.id}.`))).toEqual([]);
  expect(checks.filter(({ check }) => !/ \((?:Automated|Manual)\)$/.test(check.text))).toEqual([]);
});
