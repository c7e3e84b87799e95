import { describe, expect, test } from 'vitest';
import { AUDIT_ARCHITECTURE, systemCallNumber, type Architecture, type SystemCall } from './kernel-numbers.ts';
import { seccompFilter } from './seccomp-filter.ts';

/** Runs a filter as the kernel does, over `struct seccomp_data`. Source: Documentation/userspace-api/seccomp_filter.rst. */
function verdict(filter: Buffer, architecture: number, call: number, args: readonly number[] = []): string {
  const data = new Map([
    [0, call],
    [4, architecture],
    ...args.map((value, i): [number, number] => [16 + 8 * i, value]),
  ]);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at += 1) {
    const code = filter.readUInt16LE(at * 8);
    const k = filter.readUInt32LE(at * 8 + 4);
    const jump = (yes: boolean) => (at += filter.readUInt8(at * 8 + (yes ? 2 : 3)));
    if (code === 0x20) accumulator = data.get(k) ?? 0;
    else if (code === 0x15) jump(accumulator === k);
    else if (code === 0x35) jump(accumulator >= k);
    else if (code === 0x45) jump((accumulator & k) !== 0);
    else if (k === 0x7fff0000) return 'allowed';
    else return k === 0x80000000 ? 'killed' : `errno ${k & 0xffff}`;
  }
  throw new Error('the filter has no end');
}

describe.each(['x64', 'arm64'] as const)('the filter of a host on %s', (architecture: Architecture) => {
  const filter = seccompFilter(architecture);
  const ask = (call: SystemCall, ...args: number[]) =>
    verdict(filter, AUDIT_ARCHITECTURE[architecture], systemCallNumber(call, architecture) ?? -1, args);

  test.each(['mount', 'bpf', 'setns', 'unshare', 'io_uring_setup', 'open_by_handle_at', 'reboot'] as const)(
    'refuses %s',
    (call) => {
      expect(ask(call)).toBe('errno 1');
    },
  );

  test.each(['prctl', 'setsid', 'inotify_init1', 'sendmsg', 'close_range'] as const)('allows %s', (call) => {
    expect(ask(call)).toBe('allowed');
  });

  test.each([
    ['a process', 0x11, 'allowed'],
    ['a thread', 0x3d0f00, 'allowed'],
    ['a user namespace', 0x10000011, 'errno 1'],
    ['a mount namespace', 0x20011, 'errno 1'],
    ['a control group namespace', 0x2000011, 'errno 1'],
  ])('lets clone make %s or not', (_, flags, expected) => {
    expect(ask('clone', flags)).toBe(expected);
  });

  test('sends clone3, whose flags it cannot see, back to clone', () => {
    expect(ask('clone3')).toBe('errno 38');
  });

  test.each([
    ['unix', 1, 'allowed'],
    ['inet', 2, 'allowed'],
    ['netlink', 16, 'allowed'],
    ['packet', 17, 'allowed'],
    ['vsock', 40, 'errno 97'],
    ['alg', 38, 'errno 97'],
  ])('decides on sockets of the family %s', (_, family, expected) => {
    expect(ask('socket', family)).toBe(expected);
  });

  test('keeps a program from typing into a terminal but not from asking its size', () => {
    expect(ask('ioctl', 0, 0x5412)).toBe('errno 1');
    expect(ask('ioctl', 0, 0x5413)).toBe('allowed');
  });

  test('kills a program that speaks with the numbers of another architecture', () => {
    expect(verdict(filter, 0x40000003, 21)).toBe('killed');
  });
});
