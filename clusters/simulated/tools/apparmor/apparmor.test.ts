import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FolderHost } from '../../daemons/folder-host.ts';
import { SILENT } from '../test-workstation.ts';
import { realClock } from '../../clock.ts';
import { startTestPlane, type TestPlane } from '../../kubernetes/admission/test-plane.ts';
import { AA_ENABLED } from './aa-enabled.ts';
import { AA_STATUS } from './aa-status.ts';
import { APPARMOR_PARSER } from './apparmor-parser.ts';
import { loadedProfile } from './loaded-profiles.ts';
import { PROFILE_SAMPLES } from './profile-samples.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
});
afterAll(() => plane[Symbol.dispose]());

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function node(files: Record<string, string> = {}) {
  const host = resources.use(await FolderHost.create('node01', files, PROFILE_SAMPLES));
  const context = { host, clock: realClock, cluster: plane.cluster, processes: () => [], ...SILENT };
  for (const tool of [APPARMOR_PARSER, AA_ENABLED, AA_STATUS])
    await host.installCommand(tool.name, tool.command(context));
  return { host };
}

const DENY_WRITE = '/etc/apparmor.d/deny-write';

describe('apparmor_parser', () => {
  test('loads what a file defines, once, and replaces and removes it', async () => {
    const { host } = await node();
    const call = (...args: string[]) => host.call('apparmor_parser', args);
    expect(await call('-R', DENY_WRITE)).toMatchObject({
      code: 254,
      stderr: 'apparmor_parser: Unable to remove "k8s-deny-write".  Profile doesn\'t exist\n',
    });
    expect(await call('-q', DENY_WRITE)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await loadedProfile(host, 'k8s-deny-write')).toMatchObject({
      name: 'k8s-deny-write',
      mode: 'enforce',
      deniesWriting: true,
      capabilities: [],
      notEnforced: [],
    });
    expect(await call(DENY_WRITE)).toMatchObject({
      code: 239,
      stderr: 'apparmor_parser: Unable to add "k8s-deny-write".  Profile already exists\n',
    });
    expect(await call('-rv', '-C', DENY_WRITE)).toMatchObject({
      code: 0,
      stdout: 'Replacement succeeded for "k8s-deny-write".\n',
    });
    expect((await loadedProfile(host, 'k8s-deny-write'))?.mode).toBe('complain');
    expect((await call('-R', DENY_WRITE)).code).toBe(0);
    expect(await loadedProfile(host, 'k8s-deny-write')).toBeUndefined();
  });

  test('reads standard input, and every profile of a folder', async () => {
    const { host } = await node({
      '/p/a': '/usr/bin/a {\n}\n',
      '/p/b': 'profile b {\n profile c {\n }\n ^hat {\n }\n}\n',
    });
    expect((await host.call('apparmor_parser', ['-N'], { stdin: 'profile typed {\n}\n' })).stdout).toBe('typed\n');
    expect((await host.call('apparmor_parser', ['-N', '/p'])).stdout).toBe('/usr/bin/a\nb\nb//c\nb//hat\n');
  });

  test('checks without loading when asked to', async () => {
    const { host } = await node();
    expect((await host.call('apparmor_parser', ['-Q', DENY_WRITE])).code).toBe(0);
    expect((await host.call('aa-status', ['--profiled'])).stdout).toBe('1\n');
  });

  // Texts of apparmor_parser 3.0.8 for the same files.
  const at = (line: number) => `AppArmor parser error for /p in profile /p at line ${line}: `;
  test.each([
    [
      'a rule without its comma',
      'profile a {\n  file,\n  deny /** w\n}\n',
      `${at(4)}syntax error, unexpected TOK_CLOSE, expecting TOK_END_OF_RULE`,
    ],
    [
      'another rule before the comma',
      'profile a {\n  /etc/x r\n  /etc/y r,\n}\n',
      `${at(3)}missing an end of line character? (entry: /etc/x)`,
    ],
    [
      'a keyword before the comma',
      'profile a {\n  file\n  deny /** w,\n}\n',
      `${at(3)}syntax error, unexpected TOK_DENY, expecting TOK_ID or TOK_MODE or TOK_SET_VAR`,
    ],
    [
      'no end',
      'profile a {\n  file,\n',
      `${at(3)}syntax error, unexpected end of file, expecting TOK_ID or TOK_MODE or TOK_SET_VAR`,
    ],
    [
      'a brace too many',
      'profile a {\n  file,\n}\n}\n',
      `${at(4)}syntax error, unexpected TOK_CLOSE, expecting end of file`,
    ],
    ['no beginning', 'profile a }\n', `${at(1)}syntax error, unexpected TOK_CLOSE, expecting TOK_OPEN`],
    ['an unknown flag', 'profile a flags=(nope) {\n  file,\n}\n', `${at(1)}Invalid profile flag: nope.`],
    [
      'an unknown rule',
      'profile a {\n  denny /** w,\n}\n',
      `${at(2)}syntax error, unexpected TOK_ID, expecting TOK_MODE`,
    ],
    [
      'an unknown permission',
      'profile a {\n  capability net_raw,\n  /etc/x rwq,\n}\n',
      `${at(3)}syntax error, unexpected TOK_ID, expecting TOK_MODE`,
    ],
    [
      'no permission',
      'profile a {\n deny /** ,\n}\n',
      `${at(2)}syntax error, unexpected TOK_END_OF_RULE, expecting TOK_MODE`,
    ],
    ['an unknown capability', 'profile a {\n  capability sys_foo,\n}\n', `${at(2)}Invalid capability sys_foo.`],
    ['an unknown network', 'profile a {\n  network foo,\n}\n', `${at(2)}Invalid network entry.`],
    [
      'a file that is not there',
      'profile a {\n  #include <abstractions/nope>\n}\n',
      `${at(2)}Could not open 'abstractions/nope'`,
    ],
    [
      'a variable nobody sets',
      'profile a {\n  deny @{HOME}/x w,\n}\n',
      'Found reference to variable HOME, but is never declared',
    ],
    ['a name twice', 'profile a {\n}\nprofile a {\n}\n', 'Multiple definitions for profile a exist,bailing out.'],
    ['something else', 'garbage\n', `${at(2)}syntax error, unexpected end of file, expecting TOK_OPEN`],
  ])('refuses %s', async (_, text, said) => {
    const { host } = await node({ '/p': text });
    expect(await host.call('apparmor_parser', ['/p'])).toEqual({ code: 1, stdout: '', stderr: `${said}\n` });
  });

  test.each([
    [
      'globs, quotes and modes before paths',
      'profile a {\n  owner /x/{a,b} rw,\n  "/with blank" r,\n  rw /d,\n  /s px -> b,\n}\n',
    ],
    ['variables', '@{X}=/a /b\nprofile a {\n  @{X}/c r,\n}\n'],
    [
      'all kinds of rules',
      'abi <abi/3.0>,\nprofile a {\n  set rlimit nofile <= 10,\n  unix (send) type=stream,\n  signal (send, receive) peer=x,\n  ptrace read,\n  mount,\n  change_profile -> b,\n  network inet tcp,\n  audit deny capability sys_admin,\n}\n',
    ],
    [
      'includes that need not be there',
      '#include <tunables/global>\nprofile a {\n  include if exists <local/a>\n  @{HOME}/x r,\n}\n',
    ],
  ])('takes %s', async (_, text) => {
    const { host } = await node({ '/p': text });
    expect(await host.call('apparmor_parser', ['-Q', '/p'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('says what of a profile is not enforced, unless nothing of it is', async () => {
    const text = `profile a {
  /etc/** r,
  deny owner /tmp/** w,
  deny @{PROC}/1/environ r,
  audit deny network raw,
  deny mount,
  deny /x k,
  deny signal,
  /usr/bin/other px,
}`;
    const { host } = await node({ '/p': `#include <tunables/global>\n${text}` });
    const said = ['deny /x k,', 'deny signal,', '/usr/bin/other px,'];
    const { stderr } = await host.call('apparmor_parser', ['/p']);
    expect(stderr.trim().split('\n').toSorted()).toEqual(
      said.map((one) => `not simulated: profile "a": ${one}`).toSorted(),
    );
    expect((await loadedProfile(host, 'a'))?.files).toEqual([
      { kind: 'do', access: 2, pattern: '/tmp/[^/].*' },
      { kind: 'd', access: 4, pattern: '/proc/1/environ' },
      { kind: '', access: 4, pattern: '/etc/[^/].*' },
      { kind: '', access: 1, pattern: '/usr/bin/other' },
    ]);
    expect((await host.call('apparmor_parser', ['-r', '-C', '/p'])).stderr).toBe('');
  });

  test('refuses no file for want of a rule where it does not understand what is allowed', async () => {
    const { host } = await node({ '/p': 'profile a {\n  /a*b*c*d*e*f r,\n}\n' });
    expect((await host.call('apparmor_parser', ['/p'])).stderr).toBe(
      'not simulated: profile "a": /a*b*c*d*e*f r,\nnot simulated: profile "a": that files are refused which no rule allows\n',
    );
    expect((await loadedProfile(host, 'a'))?.files).toEqual([{ kind: '', access: 15, pattern: '/.*' }]);
  });

  test.each([
    ['none by default', '', []],
    ['all', 'capability,', ['chown', 'net_raw']],
    ['those that it names', 'capability chown setuid,', ['chown']],
    ['those that are not denied', 'capability, deny capability net_raw,', ['chown']],
  ])('leaves capabilities: %s', async (_, rules, left) => {
    const { host } = await node({ '/p': `profile a {\n${rules}\n}\n` });
    await host.call('apparmor_parser', ['/p']);
    const { capabilities = [] } = (await loadedProfile(host, 'a')) ?? {};
    expect(['chown', 'net_raw'].filter((one) => capabilities.includes(one))).toEqual(left);
  });

  const STREAM = 1;
  const DATAGRAM = 2;
  const RAW = 3;
  test.each<[string, string, Readonly<Record<number, readonly number[]>>]>([
    ['none by default', '', { 1: [], 2: [STREAM, DATAGRAM, RAW], 17: [STREAM, DATAGRAM, RAW] }],
    ['all', 'network,', { 1: [], 2: [], 17: [] }],
    [
      'what is not denied',
      'network, deny network raw, deny network packet,',
      { 1: [RAW], 2: [RAW], 17: [STREAM, DATAGRAM, RAW] },
    ],
    ['a family', 'network inet,', { 2: [], 10: [STREAM, DATAGRAM, RAW] }],
    ['a protocol of a family', 'network inet tcp,', { 2: [DATAGRAM, RAW], 10: [STREAM, DATAGRAM, RAW] }],
    ['no unix sockets where a rule says so', 'network, deny network unix,', { 1: [STREAM, DATAGRAM, RAW], 2: [] }],
  ])('leaves sockets: %s', async (_, rules, refused) => {
    const { host } = await node({ '/p': `profile a {\n${rules}\n}\n` });
    await host.call('apparmor_parser', ['/p']);
    const { sockets = [] } = (await loadedProfile(host, 'a')) ?? {};
    for (const [family, types] of Object.entries(refused))
      expect(
        [STREAM, DATAGRAM, RAW].filter((type) =>
          sockets.find((one) => one.family === Number(family))?.types.includes(type),
        ),
      ).toEqual(types);
  });

  test('puts every value of a variable in its place', async () => {
    const text = '@{A}=/a/ /b\n@{A} += /c\n@{B}=@{A}/*/\nprofile a {\n  @{B}/x r,\n}\n';
    const { host } = await node({ '/p': text });
    await host.call('apparmor_parser', ['/p']);
    expect((await loadedProfile(host, 'a'))?.files.map(({ pattern }) => pattern)).toEqual([
      '/a/[^/]+/x',
      '/b/[^/]+/x',
      '/c/[^/]+/x',
    ]);
  });

  test('does not follow an include that includes itself for ever', async () => {
    const { host } = await node({ '/p': '#include "/p"\n' });
    expect((await host.call('apparmor_parser', ['/p'])).stderr).toContain('too many includes');
  });
});

describe('aa-status', () => {
  test('lists what is loaded by its mode', async () => {
    const { host } = await node({ '/p': 'profile one {\n}\nprofile two flags=(complain) {\n}\n' });
    expect((await host.call('aa-status', ['--enabled'])).code).toBe(0);
    expect((await host.call('aa-enabled', [])).stdout).toBe('Yes\n');
    expect((await host.call('aa-enabled', ['--quiet'])).stdout).toBe('');
    await host.call('apparmor_parser', ['/p']);
    const { code, stdout } = await host.call('aa-status', []);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'apparmor module is loaded.\n3 profiles are loaded.\n2 profiles are in enforce mode.\n   cri-containerd.apparmor.d\n   one\n1 profiles are in complain mode.\n   two\n',
    );
    expect(JSON.parse((await host.call('aa-status', ['--json'])).stdout)).toEqual({
      version: '2',
      profiles: { 'cri-containerd.apparmor.d': 'enforce', one: 'enforce', two: 'complain' },
      processes: {},
    });
    expect((await host.call('aa-status', ['--complaining'])).stdout).toBe('1\n');
    const kernel = await host.readFile('/sys/kernel/security/apparmor/profiles', { maxBytes: 1000 });
    expect(kernel.outcome === 'read' && String(kernel.content)).toBe(
      'cri-containerd.apparmor.d (enforce)\none (enforce)\ntwo (complain)\n',
    );
  });

  test('takes nothing for a profile that is none', async () => {
    const { host } = await node({ '/var/lib/breachlab/apparmor/junk': '\u0000{' });
    expect((await host.call('aa-status', ['--profiled'])).stdout).toBe('1\n');
  });
});
