import { describe, expect, test } from 'vitest';
import { loadedProfile } from './loaded-profiles.ts';
import { nodesOfTest } from './test-node.ts';

const node = nodesOfTest();

describe('what is held of a profile', () => {
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
    const host = await node({ '/p': `#include <tunables/global>\n${text}` });
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
    const host = await node({ '/p': 'profile a {\n  /a*b*c*d*e*f r,\n}\n' });
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
    const host = await node({ '/p': `profile a {\n${rules}\n}\n` });
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
    const host = await node({ '/p': `profile a {\n${rules}\n}\n` });
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
    const host = await node({ '/p': text });
    await host.call('apparmor_parser', ['/p']);
    expect((await loadedProfile(host, 'a'))?.files.map(({ pattern }) => pattern)).toEqual([
      '/a/[^/]+/x',
      '/b/[^/]+/x',
      '/c/[^/]+/x',
    ]);
  });
});
