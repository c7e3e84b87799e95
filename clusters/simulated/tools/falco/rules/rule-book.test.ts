import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../default-rules.ts';
import { execEvent, openEvent } from '../test-events.ts';
import { resultText } from './context.ts';
import { RuleBook } from './rule-book.ts';

const RULE = `- rule: Shell
  desc: a shell
  condition: evt.type=execve and proc.name in (shells)
  output: shell %proc.name
  priority: WARNING
`;
const LIST = '- list: shells\n  items: [sh, bash]\n';

function loaded(...texts: readonly string[]): RuleBook {
  const book = new RuleBook();
  for (const [i, text] of texts.entries()) {
    const { error } = book.load(`${i}.yaml`, text);
    if (error !== undefined) throw error;
  }
  return book;
}

const speaking = (book: RuleBook, event = execEvent({ argv: ['sh'], path: '/bin/sh' })): readonly string[] =>
  book.rules.filter(({ enabled, holds }) => enabled && holds(event)).map(({ name }) => name);

describe('rules', () => {
  it('of the package load without a word', () => {
    const result = new RuleBook().load('/etc/falco/falco_rules.yaml', DEFAULT_RULES);
    expect(resultText(result)).toBe('/etc/falco/falco_rules.yaml: Ok');
  });

  it('name lists and macros', () => {
    const macro = '- macro: shell\n  condition: evt.type=execve and proc.name in (shells)\n';
    const named = RULE.replace('evt.type=execve and proc.name in (shells)', 'shell and not proc.tty != 0');
    expect(speaking(loaded(LIST, RULE))).toEqual(['Shell']);
    expect(speaking(loaded(LIST, macro, named))).toEqual(['Shell']);
    expect(speaking(loaded(LIST, RULE), execEvent({ argv: ['ls'], path: '/bin/ls' }))).toEqual([]);
  });

  it.each([
    ['replaced', '- list: shells\n  items: [zsh]\n', []],
    ['added to', '- list: shells\n  items: [ash]\n  override: {items: append}\n', ['Shell']],
    ['switched off', '- rule: Shell\n  enabled: false\n', []],
    ['given another condition', '- rule: Shell\n  condition: evt.type=open\n  override: {condition: replace}\n', []],
    ['narrowed', '- rule: Shell\n  condition: and proc.tty != 0\n  append: true\n', []],
    [
      'given an exception',
      '- rule: Shell\n  exceptions:\n    - name: known\n      fields: [proc.name, user.uid]\n      comps: [in, "="]\n      values: [[[sh], 0]]\n  override: {exceptions: append}\n',
      [],
    ],
  ])('are %s by a later file', (_, text, expected) => {
    expect(speaking(loaded(LIST, RULE, text))).toEqual(expected);
  });

  it('tell of files by how they are opened', () => {
    const rules = `- rule: Read
  desc: d
  condition: evt.type in (open, openat) and evt.is_open_read=true and fd.num>=0 and fd.name pmatch (/etc)
  output: read %fd.name
  priority: notice
`;
    expect(speaking(loaded(rules), openEvent({ path: '/etc/shadow' }))).toEqual(['Read']);
    expect(speaking(loaded(rules), openEvent({ path: '/etcetera' }))).toEqual([]);
    expect(speaking(loaded(rules), openEvent({ path: '/etc/shadow', flags: 1 }))).toEqual([]);
    expect(speaking(loaded(rules), openEvent({ path: '/etc/no', error: 'ENOENT' }))).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ['YAML', '- rule: [', 'LOAD_ERR_YAML_PARSE (YAML parse error)', ''],
    ['a shape', 'rule: x\n', 'LOAD_ERR_YAML_VALIDATE', 'Rules content is not yaml array of objects'],
    [
      'a key',
      '- rule: X\n  desc: d\n  condition: evt.num=1\n  priority: INFO\n',
      'LOAD_ERR_YAML_VALIDATE',
      "Item has no mapping for key 'output'",
    ],
    ['a priority', RULE.replace('WARNING', 'LOUD'), 'LOAD_ERR_YAML_VALIDATE', 'Invalid priority'],
    [
      'a field',
      RULE.replace('proc.name in', 'proc.nam in'),
      'LOAD_ERR_COMPILE_CONDITION (Error compiling condition)',
      'filter_check called with nonexistent field proc.nam',
    ],
    [
      'a macro',
      RULE.replace('proc.name in (shells)', 'spawned'),
      'LOAD_ERR_VALIDATE',
      "Undefined macro 'spawned' used in filter.",
    ],
    [
      'a token',
      RULE.replace('and', 'und'),
      'LOAD_ERR_COMPILE_CONDITION',
      "unexpected token after 'execve', expecting 'or', 'and'",
    ],
    [
      'an output',
      RULE.replace('%proc.name', '%proc.nam'),
      'LOAD_ERR_COMPILE_OUTPUT (Error compiling output)',
      'invalid formatting token proc.nam',
    ],
    ['an event', RULE.replace('execve', 'exec'), 'LOAD_ERR_COMPILE_CONDITION', 'unknown event type exec'],
    [
      'a number',
      RULE.replace('proc.name in (shells)', 'proc.tty = tty'),
      'LOAD_ERR_COMPILE_CONDITION',
      "'tty' is not a valid number",
    ],
    [
      'what is not modelled',
      RULE.replace('proc.name in (shells)', 'proc.sid = 1'),
      'LOAD_ERR_COMPILE_CONDITION',
      'not simulated: the field proc.sid',
    ],
    [
      'an unknown rule',
      '- rule: No\n  condition: and x\n  append: true\n',
      'LOAD_ERR_VALIDATE',
      "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists",
    ],
    ['a newer engine', '- required_engine_version: 9.0.0\n', 'LOAD_ERR_VALIDATE', 'Rules require engine version 9.0.0'],
  ])('are refused for %s in falco’s words', (_, text, code, message) => {
    const said = resultText(new RuleBook().load('/etc/falco/x.yaml', text));
    expect(said).toContain('/etc/falco/x.yaml: Invalid\n1 Errors:\nIn rules content: (/etc/falco/x.yaml:0:0)');
    expect(said).toContain(code);
    expect(said).toContain(message);
  });

  it('show the place of what is wrong', () => {
    const said = resultText(new RuleBook().load('x.yaml', RULE.replace('proc.name in (shells)', 'proc.nam=sh')));
    expect(said).toBe(`x.yaml: Invalid
1 Errors:
In rules content: (x.yaml:0:0)
    rule 'Shell': (x.yaml:0:2)
    rule condition: (x.yaml:2:13)
    condition expression: ("evt.type=execve a...":3:34)
------
evt.type=execve and proc.nam=sh
                    ^
------
LOAD_ERR_COMPILE_CONDITION (Error compiling condition): filter_check called with nonexistent field proc.nam`);
  });
});
