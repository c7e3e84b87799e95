import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AUDIT_ARCHITECTURE } from '../hosts/kernel-numbers.ts';
import { systemCalls } from '../hosts/system-calls.ts';
import { SECCOMP_SAMPLES } from '../tools/seccomp/profile-samples.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import { denyWritesFilter } from './deny-writes.ts';
import { letsProgramsRun, profileFilter, readSeccompProfile, type SeccompProfile } from './seccomp-profile.ts';
import { refusalsOf } from './security-profiles.ts';

/** What a filter answers: `allow`, `kill`, or the number of the error. Arguments by their place. */
function ask(filter: Buffer, name: string, args: readonly (number | bigint)[] = []): string | number {
  const data = new Map<number, number>([
    [0, systemCalls('x64').get(name) ?? -1],
    [4, AUDIT_ARCHITECTURE.x64],
    ...args.flatMap((value, i): [number, number][] => [
      [16 + 8 * i, Number(BigInt(value) & 0xffff_ffffn)],
      [20 + 8 * i, Number(BigInt(value) >> 32n)],
    ]),
  ]);
  let word = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(at * 8);
    const [yes, no, k] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3), filter.readUInt32LE(at * 8 + 4)];
    if (code === 0x06) return k === 0x7fff0000 ? 'allow' : k >>> 16 === 5 ? k & 0xffff : 'kill';
    if (code === 0x20) word = data.get(k) ?? 0;
    else if (code === 0x54) word = (word & k) >>> 0;
    else {
      const holds =
        code === 0x15 ? word === k : code === 0x25 ? word > k : code === 0x35 ? word >= k : (word & k) !== 0;
      at += holds ? yes : no;
    }
  }
}

const parsed = (profile: unknown): SeccompProfile => {
  const read = readSeccompProfile(JSON.stringify(profile));
  if (read.outcome === 'wrong') throw new Error(read.why);
  return read.profile;
};
const ERRNO = 'SCMP_ACT_ERRNO';
const ALLOWED = 'SCMP_ACT_ALLOW';

describe('a seccomp profile', () => {
  it.each<[string, unknown, string, string | number]>([
    ['allows by default', { defaultAction: ALLOWED }, 'mkdir', 'allow'],
    ['lets through what it logs', { defaultAction: 'SCMP_ACT_LOG' }, 'mkdir', 'allow'],
    ['refuses with EPERM', { defaultAction: ALLOWED, syscalls: [{ names: ['mkdir'], action: ERRNO }] }, 'mkdir', 1],
    [
      'refuses with the error it names',
      { defaultAction: ALLOWED, syscalls: [{ names: ['mkdir'], action: ERRNO, errnoRet: 13 }] },
      'mkdir',
      13,
    ],
    [
      'refuses what it does not list',
      { defaultAction: ERRNO, defaultErrnoRet: 38, syscalls: [{ names: ['read'], action: ALLOWED }] },
      'mkdir',
      38,
    ],
    [
      'allows what it lists',
      { defaultAction: ERRNO, syscalls: [{ names: ['nosuchcall', 'read'], action: ALLOWED }] },
      'read',
      'allow',
    ],
    [
      'goes by the first rule of a call',
      {
        defaultAction: ERRNO,
        syscalls: [
          { names: ['read'], action: ALLOWED },
          { names: ['read'], action: ERRNO },
        ],
      },
      'read',
      'allow',
    ],
    ['kills', { defaultAction: ALLOWED, syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_KILL' }] }, 'mkdir', 'kill'],
  ])('%s', (_, profile, call, expected) => {
    expect(ask(profileFilter(parsed(profile), 'x64'), call)).toBe(expected);
  });

  const arg = (op: string, value: number, valueTwo = 0, index = 0) => ({ index, value, valueTwo, op });
  const HIGH = 2 ** 40;
  it.each<[string, object[], number[], string | number]>([
    ['an argument that is equal', [arg('SCMP_CMP_EQ', 8)], [8], 'allow'],
    ['an argument that is not', [arg('SCMP_CMP_EQ', 8)], [9], 1],
    ['an argument that is equal in its low half alone', [arg('SCMP_CMP_EQ', HIGH + 8)], [8], 1],
    ['an argument that may be anything but one', [arg('SCMP_CMP_NE', 16)], [17], 'allow'],
    ['that one', [arg('SCMP_CMP_NE', 16)], [16], 1],
    ['one that differs in its high half', [arg('SCMP_CMP_NE', HIGH + 16)], [16], 'allow'],
    ['flags that are all off', [arg('SCMP_CMP_MASKED_EQ', 0x7e020000, 0)], [0x11], 'allow'],
    ['one of these flags', [arg('SCMP_CMP_MASKED_EQ', 0x7e020000, 0)], [0x20000], 1],
    ['two conditions, both of which hold', [arg('SCMP_CMP_EQ', 1), arg('SCMP_CMP_NE', 2, 0, 1)], [1, 3], 'allow'],
    ['two conditions, the second of which does not', [arg('SCMP_CMP_EQ', 1), arg('SCMP_CMP_NE', 2, 0, 1)], [1, 2], 1],
    ['two conditions, the first of which does not', [arg('SCMP_CMP_EQ', 1), arg('SCMP_CMP_NE', 2, 0, 1)], [0, 3], 1],
  ])('looks at arguments: %s', (_, args, given, expected) => {
    const syscalls = [
      { names: ['personality'], action: ALLOWED, args },
      // A second rule of the same call, and another call behind it.
      { names: ['personality'], action: ALLOWED, args: [arg('SCMP_CMP_EQ', 77)] },
      { names: ['read'], action: ALLOWED },
    ];
    const filter = profileFilter(parsed({ defaultAction: ERRNO, syscalls }), 'x64');
    expect(ask(filter, 'personality', given)).toBe(expected);
    expect(['personality', 'read', 'mkdir'].map((call) => ask(filter, call, [77]))).toEqual(['allow', 'allow', 1]);
  });

  const COMPARISONS = {
    SCMP_CMP_EQ: (given: bigint, value: bigint) => given === value,
    SCMP_CMP_NE: (given: bigint, value: bigint) => given !== value,
    SCMP_CMP_LT: (given: bigint, value: bigint) => given < value,
    SCMP_CMP_LE: (given: bigint, value: bigint) => given <= value,
    SCMP_CMP_GE: (given: bigint, value: bigint) => given >= value,
    SCMP_CMP_GT: (given: bigint, value: bigint) => given > value,
    SCMP_CMP_MASKED_EQ: (given: bigint, mask: bigint, wanted: bigint) => (given & mask) === wanted,
  };
  const whole = fc.oneof(
    fc.bigInt(0n, 2n ** 64n - 1n),
    fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 1n),
  );
  it.each(Object.entries(COMPARISONS))('compares 64 bits without a sign: %s', (op, holds) => {
    fc.assert(
      fc.property(whole, whole, whole, whole, (given, value, other, two) => {
        // As a profile has them: numbers that JavaScript's do not hold.
        const args = `[{"index":1,"value":${value},"valueTwo":${two},"op":"${op}"},{"index":0,"value":7,"op":"SCMP_CMP_GE"}]`;
        const read = readSeccompProfile(
          `{"defaultAction":"${ERRNO}","syscalls":[{"names":["personality"],"action":"${ALLOWED}","args":${args}}]}`,
        );
        const filter = read.outcome === 'read' ? profileFilter(read.profile, 'x64') : Buffer.alloc(0);
        for (const second of [given, value, two, other])
          for (const first of [6n, 7n])
            expect(ask(filter, 'personality', [first, second])).toBe(
              first >= 7n && holds(second, value, two) ? 'allow' : 1,
            );
      }),
    );
  });

  it('with a number that no argument holds is none', () => {
    const args = '[{"index":0,"value":18446744073709551616,"op":"SCMP_CMP_EQ"}]';
    const text = `{"defaultAction":"${ALLOWED}","syscalls":[{"names":["read"],"action":"${ERRNO}","args":${args}}]}`;
    expect(readSeccompProfile(text)).toMatchObject({
      outcome: 'wrong',
      why: expect.stringContaining('64 bits') as string,
    });
  });

  it('with an action that there is not is none', () => {
    expect(readSeccompProfile('{"defaultAction":"ALLOW"}')).toMatchObject({ outcome: 'wrong' });
  });

  it('of the samples allows, refuses everything, or refuses what no small program needs', () => {
    const of = (name: string) => {
      const { data = '' } = SECCOMP_SAMPLES.find(({ path }) => path.endsWith(`/${name}`)) ?? {};
      return parsed(JSON.parse(String(data)));
    };
    expect(letsProgramsRun(of('audit.json'))).toBe(true);
    expect(letsProgramsRun(of('violation.json'))).toBe(false);
    const fine = profileFilter(of('fine-grained.json'), 'x64');
    expect(['execve', 'mkdir', 'chown'].map((call) => ask(fine, call))).toEqual(['allow', 1, 1]);
  });
});

it('AppArmor’s rule against writing refuses to open for writing and to change folders, and lets read', () => {
  const filter = denyWritesFilter('x64');
  const [read, write, create] = [0, 1, 0x40];
  expect(ask(filter, 'openat', [0, 0, read])).toBe('allow');
  expect(ask(filter, 'openat', [0, 0, write])).toBe(13);
  expect(ask(filter, 'open', [0, create])).toBe(13);
  expect(['mkdir', 'unlinkat', 'renameat2', 'fchmodat2'].map((call) => ask(filter, call))).toEqual([13, 13, 13, 13]);
  expect(['write', 'execve', 'stat'].map((call) => ask(filter, call))).toEqual(['allow', 'allow', 'allow']);
});

describe('a node refuses a container', () => {
  const PATH = '/var/lib/kubelet/seccomp/profiles/x.json';
  const pod = (securityContext: object): Pod =>
    ({ metadata: { name: 'p' }, spec: { securityContext, containers: [{ name: 'c' }] }, status: {} }) as unknown as Pod;
  const refusal = async (securityContext: object, files: Record<string, string>) =>
    (
      await refusalsOf(pod(securityContext), async (path) =>
        files[path] === undefined ? undefined : Buffer.from(files[path]),
      )
    ).get('c');
  const seccomp = { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/x.json' } };
  const appArmor = { appArmorProfile: { type: 'Localhost', localhostProfile: 'a/b' } };

  it.each<[string, object, Record<string, string>, RegExp]>([
    ['without the seccomp profile', seccomp, {}, /cannot load seccomp profile ".*x.json": open .*: no such file/],
    ['with a seccomp profile that is none', seccomp, { [PATH]: '{' }, /decoding seccomp profile failed ".*x.json"/],
    [
      'whose program could not even start',
      seccomp,
      { [PATH]: '{"defaultAction":"SCMP_ACT_ERRNO"}' },
      /unable to start container process/,
    ],
    ['never, when the seccomp profile is there', seccomp, { [PATH]: '{"defaultAction":"SCMP_ACT_LOG"}' }, /^nothing$/],
    [
      'with more conditions than a program of the kernel holds',
      seccomp,
      {
        [PATH]: JSON.stringify({
          defaultAction: ALLOWED,
          syscalls: Array.from({ length: 60 }, () => ({
            names: ['clone'],
            action: ERRNO,
            args: [{ index: 0, value: 1, op: 'SCMP_CMP_LT' }],
          })),
        }),
      },
      /^not simulated: so many conditions on one system call/,
    ],
    ['without the AppArmor profile', appArmor, {}, /apparmor profile not found a\/b/],
    ['never, when the AppArmor profile is loaded', appArmor, { '/var/lib/breachlab/apparmor/a.b': '{}' }, /^nothing$/],
  ])('%s', async (_, context, files, expected) => {
    const said = await refusal(context, files);
    expect(said ?? 'nothing').toMatch(expected);
  });
});
