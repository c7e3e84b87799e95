import { describe, expect, test } from 'vitest';
import { loadedProfile } from './loaded-profiles.ts';
import { nodesOfTest } from './test-node.ts';

const node = nodesOfTest();
const DENY_WRITE = '/etc/apparmor.d/deny-write';

describe('apparmor_parser', () => {
  test('loads what a file defines, once, and replaces and removes it', async () => {
    const host = await node();
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
    const host = await node({
      '/p/a': '/usr/bin/a {\n}\n',
      '/p/b': 'profile b {\n profile c {\n }\n ^hat {\n }\n}\n',
    });
    expect((await host.call('apparmor_parser', ['-N'], { stdin: 'profile typed {\n}\n' })).stdout).toBe('typed\n');
    expect((await host.call('apparmor_parser', ['-N', '/p'])).stdout).toBe('/usr/bin/a\nb\nb//c\nb//hat\n');
  });

  test('checks without loading when asked to', async () => {
    const host = await node();
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
    const host = await node({ '/p': text });
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
    const host = await node({ '/p': text });
    expect(await host.call('apparmor_parser', ['-Q', '/p'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('does not follow an include that includes itself for ever', async () => {
    const host = await node({ '/p': '#include "/p"\n' });
    expect((await host.call('apparmor_parser', ['/p'])).stderr).toContain('too many includes');
  });
});
