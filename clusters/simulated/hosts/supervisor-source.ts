import { readFileSync } from 'node:fs';
import { LabError } from '../../cluster.ts';
import { bytesSource, keeperSource } from '../../keeper/keeper-source.ts';
import { daemonProgram } from './daemon-program.ts';
import { initProgram } from './init-program.ts';
import { SYSTEM_CALLS, systemCallNumber, type Architecture } from './kernel-numbers.ts';
import { ANSWERED, loginCallsFilter, OBSERVED, observedCallsFilter } from './observed-calls.ts';
import { placeholderProgram } from './placeholder-program.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { shimProgram } from './shim-program.ts';

/** What `perl -e` is given. */
const ENTRY = ['kernel', 'channel', 'entry'] as const;

/** What the labs' parent is sent; every process of a lab is forked from it and shares its memory. */
const REST = [
  'nursery',
  'confine',
  'netlink',
  'entries',
  'host',
  'session',
  'files',
  'sockets',
  'daemons',
  'pod-users',
  'pod',
  'volumes',
  'container-root',
  'observer',
  'observed-call',
  'observed-path',
  'observed-program',
  'apparmor',
  'answered',
  'shim',
  'contained',
  'container',
  'boot',
  'main',
] as const;

/**
 * What an administrator needs in a host (include/uapi/linux/capability.h). Not SYS_ADMIN, SYS_PTRACE, SYS_CHROOT, SYS_MODULE,
 * MKNOD, nor SYS_RESOURCE, which would lift the limits below.
 */
const CAPABILITIES = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  NET_BIND_SERVICE: 10,
  NET_ADMIN: 12,
  NET_RAW: 13,
} as const;

/** Resource limits of a learner's process (include/uapi/asm-generic/resource.h). */
const LIMITS = {
  /** RLIMIT_DATA, bytes: what one program may fill. */
  2: 512 * 2 ** 20,
  /** RLIMIT_CORE, bytes. */
  4: 0,
  /** RLIMIT_NPROC: threads in one host, all programs and its pods' together. A fork bomb stops here; kubectl needs about fifteen. */
  6: 288,
  /** RLIMIT_NOFILE. */
  7: 1024,
  /** RLIMIT_AS, bytes: kubectl reserves 1 GB of address space. */
  9: 4 * 2 ** 30,
  /** RLIMIT_MSGQUEUE, bytes. */
  12: 0,
} as const;

/** Threads in one pod, so that two fork bombs in pods leave their node a third of its own. */
const POD_THREADS = 96;

/** Options of the file systems that a learner can fill, which are memory; and the memory of a lab's programs together, bytes. */
const SIZES = {
  memory: 2 ** 30,
  root: 'mode=755,size=96m,nr_inodes=16k',
  shm: 'mode=1777,size=8m,nr_inodes=256',
  /** What is changed in a host's /usr/bin and /usr/sbin. */
  programs: 'mode=755,size=16m,nr_inodes=4k',
  /** What one container writes to its root. */
  container: 'mode=755,size=48m,nr_inodes=8k',
  /** All volumes of a pod together. */
  volumes: 'mode=755,size=48m,nr_inodes=4k',
} as const;

/** O_NOFOLLOW (include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h). */
const NO_FOLLOW: Readonly<Record<Architecture, number>> = { x64: 0o400000, arm64: 0o100000 };

export interface SupervisorSource {
  /** For `perl -w -e`. */
  readonly entry: string;
  /** The first frame that it is sent. */
  readonly rest: string;
}

/** The Perl program of labs' parent and their supervisors. Throws `LabError` on an architecture it does not know. */
export function supervisorSource(architecture: NodeJS.Architecture): SupervisorSource {
  if (architecture !== 'x64' && architecture !== 'arm64') {
    throw new LabError(`lab hosts do not run on ${architecture}`, 'Use x86_64 or aarch64, or --backend kind.');
  }
  const [kernel = '', ...entry] = ENTRY.map(part);
  return {
    entry: [kernel, settings(architecture), bytesSource(), ...entry].join('\n'),
    rest: [
      'use strict;',
      'our (%NR, $INIT, $FILTER, $SANDBOXED, $OBSERVED, @KEPT_CAPABILITIES, %LIMIT, %SIZE, $CHANNEL, $HANDLES);',
      // Each part names the variables it uses; to the compiler it is one text that names them again.
      'BEGIN { $^W = 0 }',
      keeperSource(),
      ...REST.map(part),
      'BEGIN { $^W = 1 }',
    ].join('\n'),
  };
}

function part(name: string): string {
  return `#line 1 "${name}.pl"\n${agentFile(`${name}.pl`)}`;
}

/** The Perl program behind every command that `installCommand` makes. */
export function commandClientSource(): string {
  return agentFile('command.pl');
}

function agentFile(name: string): string {
  return readFileSync(new URL(`agent/${name}`, import.meta.url), 'utf8');
}

function settings(architecture: Architecture): string {
  const numbers = SYSTEM_CALLS.map((call) => `${call} => ${systemCallNumber(call, architecture) ?? -1}`);
  return [
    `%NR = (${numbers.join(', ')});`,
    `sub NO_FOLLOW() { ${NO_FOLLOW[architecture]} }`,
    `$INIT = pack('H*', '${initProgram(architecture).toString('hex')}');`,
    // What processes are seen to run that have nothing of their own to do (agent/daemons.pl).
    `our %PROGRAM = (daemon => pack('H*', '${daemonProgram(architecture, '').toString('hex')}'),`,
    ` shim => pack('H*', '${shimProgram(architecture).toString('hex')}'),`,
    ` placeholder => pack('H*', '${placeholderProgram(architecture).toString('hex')}'));`,
    `$FILTER = pack('H*', '${seccompFilter(architecture).toString('hex')}');`,
    // What a sandbox with a kernel of its own answers must come as far as its observer.
    `$SANDBOXED = pack('H*', '${seccompFilter(architecture, ANSWERED).toString('hex')}');`,
    `$OBSERVED = pack('H*', '${observedCallsFilter(architecture, OBSERVED).toString('hex')}');`,
    `our $OBSERVED_LOGIN = pack('H*', '${loginCallsFilter(architecture).toString('hex')}');`,
    `sub MACHINE() { '${architecture === 'x64' ? 'x86_64' : 'aarch64'}' }`,
    `@KEPT_CAPABILITIES = (${Object.values(CAPABILITIES).join(', ')});`,
    `sub POD_THREADS() { ${POD_THREADS} }`,
    `%LIMIT = (${Object.entries(LIMITS).flat().join(', ')});`,
    `%SIZE = (${Object.entries(SIZES)
      .map(([name, options]) => `${name} => '${options}'`)
      .join(', ')});`,
  ].join('\n');
}
