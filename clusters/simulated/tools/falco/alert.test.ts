import { describe, expect, it } from 'vitest';
import { Judge } from './alert.ts';
import { extraOutputs, readConfiguration } from './configuration.ts';
import { parseOptions } from './options.ts';
import { fillIn, parseOutput } from './output-format.ts';
import { RuleBook } from './rules/rule-book.ts';
import { CALLER, changeEvent, execEvent, onHost, openEvent } from './test-events.ts';

const RULES = `- rule: Shell
  desc: d
  condition: evt.type=execve
  output: shell %proc.name tty=%proc.tty file=%fd.name
  priority: NOTICE
  tags: [b, a]
- rule: Any
  desc: d
  condition: evt.type in (execve, openat)
  output: any
  priority: DEBUG
- rule: Renamed
  desc: d
  condition: evt.type=ptrace
  output: renamed
  priority: ERROR
`;

function judge(text: string, settings: readonly string[] = []): Judge {
  const read = readConfiguration(text, settings);
  if ('problem' in read) throw new Error(read.problem);
  const book = new RuleBook(extraOutputs(read.configuration));
  book.load('rules.yaml', RULES);
  return new Judge(read.configuration, book.rules, 'node01');
}
const lines = (one: Judge, { call, by, time } = execEvent()) => one.alerts({ call, by, time }).map(({ line }) => line);

describe('what falco says', () => {
  it('is one line of the first rule that holds, or of all', () => {
    expect(lines(judge(''))).toEqual(['09:00:00.123000000: Notice shell sh tty=0 file=<NA>']);
    expect(lines(judge('rule_matching: all'))).toHaveLength(2);
    expect(lines(judge(''), openEvent())).toEqual(['09:00:00.123000000: Debug any']);
  });

  it('ends with what the container’s plugin suggests, and with what is added', () => {
    const text =
      'append_output:\n  - suggested_output: true\n  - match: {rule: Shell}\n    extra_output: "+ %user.name"';
    expect(lines(judge(text))[0]).toBe(
      '09:00:00.123000000: Notice shell sh tty=0 file=<NA> container_id=0123456789ab container_name=app container_image_repository=docker.io/library/busybox container_image_tag=1.36 k8s_pod_name=web-1 k8s_ns_name=shop + root',
    );
  });

  it('is silent below the priority and for rules that are switched off', () => {
    expect(lines(judge('', ['priority=warning']))).toEqual([]);
    expect(lines(judge('rules:\n  - disable: {tag: a}'))).toEqual(['09:00:00.123000000: Debug any']);
    expect(lines(judge('rules: [{disable: {rule: "*"}}, {enable: {rule: Any}}]'))).toEqual([
      '09:00:00.123000000: Debug any',
    ]);
  });

  it('is JSON with its fields where that is asked for', () => {
    const line = lines(judge('', ['json_output=true', 'time_format_iso_8601=true']))[0] ?? '';
    expect(line).toContain('"evt.time":1795424400123000000');
    expect(JSON.parse(line)).toMatchObject({
      hostname: 'node01',
      output: '2026-11-23T09:00:00.123000000Z: Notice shell sh tty=0 file=<NA>',
      output_fields: { 'fd.name': null, 'proc.name': 'sh', 'proc.tty': 0 },
      priority: 'Notice',
      rule: 'Shell',
      source: 'syscall',
      tags: ['a', 'b'],
      time: '2026-11-23T09:00:00.123000000Z',
    });
  });

  it('says of a program on the node that it is in no container, and who is logged in', () => {
    const event = onHost(openEvent());
    const text =
      'append_output:\n  - suggested_output: true\n  - extra_output: "%user.name %user.loginname %user.loginuid"';
    expect(lines(judge(text), event)).toEqual([
      '09:00:00.123000000: Debug any container_id=host container_name=host container_image_repository=<NA> container_image_tag=<NA> k8s_pod_name=<NA> k8s_ns_name=<NA> root admin 1000',
    ]);
  });

  it.each([
    [
      changeEvent('chmod', ['/bin/sh'], { mode: 0o4711 }),
      '/bin/sh <NA> <NA> res=0 filename=/bin/sh mode=S_IXOTH|S_IXGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID',
    ],
    [changeEvent('mkdirat', ['/data'], { mode: 0o755 }), '/data <NA> <NA> res=0 path=/data mode=1ED'],
    [changeEvent('renameat', ['/a', '/b']), '<NA> /a /b res=0 oldpath=/a newpath=/b'],
    [changeEvent('symlinkat', ['../a', '/b']), '<NA> ../a /b res=0 target=../a linkpath=/b'],
    [changeEvent('unlinkat', ['/a'], { error: 'ENOENT' }), '<NA> <NA> <NA> res=ENOENT name=/a'],
    [openEvent(), '/etc/shadow <NA> <NA> name=/etc/shadow flags=O_RDONLY res=0'],
  ])('names the files and arguments of a call', (event, said) => {
    expect(fillIn(parseOutput('%fs.path.name %fs.path.source %fs.path.target %evt.args'), event)).toBe(said);
  });

  it('tells what it did not hear of, and which rules it never will', () => {
    const one = judge('');
    const [alert] = one.alerts({ call: { type: 'lost', count: 7 }, by: CALLER, time: 0 });
    expect(alert?.line).toContain('Falco internal: syscall event drop. 7 system calls dropped in last second.');
    expect(one.silent.map(({ name }) => name)).toEqual(['Renamed']);
  });

  it.each([
    ['priority: loud', 'priority: Unknown priority "loud"'],
    ['rules_files: x', 'rules_files: '],
    ['a: [', 'yaml-cpp: error'],
  ])('is nothing under the configuration %s', (text, problem) => {
    expect(readConfiguration(text, [])).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });

  it('takes settings by their place', () => {
    const read = readConfiguration('rules_files: [/a]', [
      'rules_files[]=/b',
      'file_output.enabled=true',
      'rules_files[0]=/c',
    ]);
    expect(read).toMatchObject({ configuration: { rules_files: ['/c', '/b'], file_output: { enabled: true } } });
    expect(readConfiguration('', ['__proto__.x=1'])).toMatchObject({
      problem: expect.stringContaining('config option') as string,
    });
  });
});

it.each([
  [
    ['-r', 'a', '-r', 'b', '-M', '5', '-o', 'x=y', '-U', '-A'],
    { options: { asks: 'watch', rulesFiles: ['a', 'b'], seconds: 5, settings: ['x=y'] } },
  ],
  [['-V', 'a'], { options: { asks: 'validate', validate: ['a'] } }],
  [['--list=syscall', '-N'], { options: { asks: 'list', source: 'syscall', namesOnly: true } }],
  [['-l', 'A rule'], { options: { asks: 'describe', rule: 'A rule' } }],
  [['-e', 'x'], { problem: "Option 'e' does not exist" }],
  [['-pk'], { problem: 'not simulated: falco --print' }],
  [['-M', 'x'], { problem: "Argument 'x' failed to parse" }],
  [['-c'], { problem: "Option 'c' is missing an argument" }],
])('falco %j', (args, expected) => {
  expect(parseOptions(args)).toMatchObject(expected);
});
