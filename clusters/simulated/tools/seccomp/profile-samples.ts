import type { TemplateEntry } from '../../hosts/template-entry.ts';

const FOLDER = '/var/lib/kubelet/seccomp/profiles';

const file = (name: string, profile: object): TemplateEntry => ({
  kind: 'file',
  path: `${FOLDER}/${name}`,
  mode: 0o644,
  data: `${JSON.stringify(profile, undefined, 2)}\n`,
});

const ARCHITECTURES = ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64'];

/** What a shell and small programs ask for, and no folder made, no owner changed. */
const NEEDED =
  'access arch_prctl brk capget capset chdir clock_gettime clock_nanosleep clone clone3 close connect dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait epoll_wait execve exit exit_group faccessat fcntl fstat fstatfs futex getcwd getdents64 getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getrandom getrlimit getsockname getsockopt gettid getuid ioctl kill listen lseek lstat madvise mmap mprotect munmap nanosleep newfstatat open openat pipe pipe2 poll ppoll prctl pread64 prlimit64 pselect6 read readlink readlinkat readv recvfrom recvmsg rseq rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend sched_getaffinity sched_yield sendmsg sendto set_robust_list set_tid_address setgid setgroups setitimer setpgid setresgid setresuid setsid setsockopt setuid sigaltstack socket stat statfs statx sysinfo tgkill umask uname utimensat vfork wait4 write writev accept accept4 bind'.split(
    ' ',
  );

/** Profiles for `localhostProfile`, by the names that Kubernetes' own tutorial on seccomp uses: `profiles/audit.json` and so on. */
export const SECCOMP_SAMPLES: readonly TemplateEntry[] = [
  file('audit.json', { defaultAction: 'SCMP_ACT_LOG' }),
  file('violation.json', { defaultAction: 'SCMP_ACT_ERRNO' }),
  file('fine-grained.json', {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ARCHITECTURES,
    syscalls: [{ names: NEEDED, action: 'SCMP_ACT_ALLOW' }],
  }),
];
