/**
 * Numbers of the system calls that the supervisor makes or that a host may not make, [x86_64, aarch64]; undefined where the
 * architecture has no such call.
 * Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
 */
const NUMBERS = {
  acct: [163, 89],
  add_key: [248, 217],
  bpf: [321, 280],
  capset: [126, 91],
  clone: [56, 220],
  clone3: [435, 435],
  close_range: [436, 436],
  connect: [42, 203],
  creat: [85, undefined],
  delete_module: [176, 106],
  execve: [59, 221],
  execveat: [322, 281],
  exit_group: [231, 94],
  faccessat: [269, 48],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  inotify_add_watch: [254, 27],
  inotify_init1: [294, 26],
  inotify_rm_watch: [255, 28],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  ioctl: [16, 29],
  ioperm: [173, undefined],
  iopl: [172, undefined],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  memfd_secret: [447, 447],
  modify_ldt: [154, undefined],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  name_to_handle_at: [303, 264],
  open: [2, undefined],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  openat: [257, 56],
  openat2: [437, 437],
  perf_event_open: [298, 241],
  pidfd_open: [434, 434],
  pivot_root: [155, 41],
  ppoll: [271, 73],
  prctl: [157, 167],
  prlimit64: [302, 261],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  recvmsg: [47, 212],
  request_key: [249, 218],
  seccomp: [317, 277],
  sendmsg: [46, 211],
  statfs: [137, 43],
  setgroups: [116, 159],
  sethostname: [170, 161],
  setns: [308, 268],
  setresgid: [119, 149],
  setresuid: [117, 147],
  setsid: [112, 157],
  socket: [41, 198],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
} as const satisfies Record<string, readonly [number, number | undefined]>;

export type SystemCall = keyof typeof NUMBERS;

/** The architectures that hosts run on, in Node's words. */
export type Architecture = 'x64' | 'arm64';

/** The number of a system call on that architecture; undefined when it has none. */
export function systemCallNumber(name: SystemCall, architecture: Architecture): number | undefined {
  return NUMBERS[name][architecture === 'x64' ? 0 : 1];
}

export const SYSTEM_CALLS = Object.keys(NUMBERS) as readonly SystemCall[];

/** `AUDIT_ARCH_*` of include/uapi/linux/audit.h, with which a seccomp filter knows whose numbers it sees. */
export const AUDIT_ARCHITECTURE: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
