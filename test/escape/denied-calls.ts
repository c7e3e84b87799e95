/** Calls that nobody in a lab is let make, by their numbers on x86_64 (facts of seccomp-filter.ts). */
export const DENIED_CALLS: readonly (readonly [name: string, number: number])[] = [
  ['bpf', 321],
  ['io_uring_setup', 425],
  ['userfaultfd', 323],
  ['keyctl', 250],
  ['perf_event_open', 298],
  ['setns', 308],
  ['open_tree', 428],
  ['fsopen', 430],
  ['open_by_handle_at', 304],
  ['kexec_load', 246],
  ['memfd_secret', 447],
];
