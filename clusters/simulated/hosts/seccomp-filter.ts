import {
  callOf,
  encode,
  ENOSYS,
  give,
  jumpIfAnyBit,
  jumpIfEqual,
  ALLOW,
  load,
  refuse,
  type Instruction,
} from './filter-program.ts';
import { systemCallNumber, type Architecture, type SystemCall } from './kernel-numbers.ts';

/**
 * What root in a host may not ask of the kernel, although some of it needs capabilities it does not have either: everything that
 * leads out of the namespaces (mounts, namespaces, handles) or that widens the kernel's attack surface for nothing in the exam.
 */
const DENIED: readonly SystemCall[] = [
  'acct',
  'add_key',
  'bpf',
  'delete_module',
  'fanotify_init',
  'finit_module',
  'fsconfig',
  'fsmount',
  'fsopen',
  'fspick',
  'init_module',
  'io_uring_enter',
  'io_uring_register',
  'io_uring_setup',
  'ioperm',
  'iopl',
  'kexec_file_load',
  'kexec_load',
  'keyctl',
  'lookup_dcookie',
  'memfd_secret',
  'modify_ldt',
  'mount',
  'mount_setattr',
  'move_mount',
  'name_to_handle_at',
  'open_by_handle_at',
  'open_tree',
  'open_tree_attr',
  'perf_event_open',
  'pivot_root',
  'quotactl',
  'quotactl_fd',
  'reboot',
  'request_key',
  'setns',
  'swapoff',
  'swapon',
  'syslog',
  'umount2',
  'unshare',
  'userfaultfd',
];

/** unix, inet, inet6, netlink, packet. Not vsock, which reaches a hypervisor past any network namespace; not the kernel's crypto. */
const SOCKET_FAMILIES = [1, 2, 10, 16, 17] as const;

/** All `CLONE_NEW*` flags that `clone` takes (include/uapi/linux/sched.h). */
const NEW_NAMESPACES = 0x7e020000;

/** Puts characters into a terminal's input, as if typed, or reads consoles. */
const FORBIDDEN_IOCTLS = [0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */] as const;

const EPERM = 1;
const EAFNOSUPPORT = 97;

/**
 * The seccomp program of a host's processes as `struct sock_filter[]` in memory order. `except`: calls that another filter over it answers.
 * `clone3` is answered with ENOSYS because a filter cannot see its flags: C libraries then fall back to `clone`.
 * See https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html.
 */
export function seccompFilter(architecture: Architecture, except: readonly SystemCall[] = []): Buffer {
  const number = (call: SystemCall) => systemCallNumber(call, architecture);
  const program: Instruction[] = [...callOf(architecture)];
  const answer = (call: SystemCall, ...then: Instruction[]) => {
    const at = number(call);
    if (at !== undefined) program.push(jumpIfEqual(at, 0, then.length), ...then);
  };
  for (const call of DENIED) if (!except.includes(call)) answer(call, give(refuse(EPERM)));
  answer('clone3', give(refuse(ENOSYS)));
  answer('clone', load(16), jumpIfAnyBit(NEW_NAMESPACES, 0, 1), give(refuse(EPERM)), give(ALLOW));
  answer(
    'ioctl',
    load(24),
    ...FORBIDDEN_IOCTLS.flatMap((request) => [jumpIfEqual(request, 0, 1), give(refuse(EPERM))]),
    give(ALLOW),
  );
  answer(
    'socket',
    load(16),
    ...SOCKET_FAMILIES.flatMap((family) => [jumpIfEqual(family, 0, 1), give(ALLOW)]),
    give(refuse(EAFNOSUPPORT)),
  );
  program.push(give(ALLOW));
  return encode(program);
}
