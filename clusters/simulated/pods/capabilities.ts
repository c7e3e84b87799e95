import type { Container } from '../kubernetes/model/generated/objects.ts';

/** Numbers of include/uapi/linux/capability.h. */
const NUMBERS = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  DAC_READ_SEARCH: 2,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SETPCAP: 8,
  LINUX_IMMUTABLE: 9,
  NET_BIND_SERVICE: 10,
  NET_BROADCAST: 11,
  NET_ADMIN: 12,
  NET_RAW: 13,
  IPC_LOCK: 14,
  IPC_OWNER: 15,
  SYS_CHROOT: 18,
  SYS_NICE: 23,
  MKNOD: 27,
  LEASE: 28,
  AUDIT_WRITE: 29,
  SETFCAP: 31,
} as const;

type Given = keyof typeof NUMBERS;

/** What containerd gives when nothing is asked for (containerd/pkg/oci defaultUnixCaps). */
const DEFAULT: readonly Given[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

/**
 * The capabilities of a container: the default set minus `drop` plus `add`; all that a lab gives for a privileged one. A lab never
 * gives what leads out of it or moves the machine (SYS_ADMIN, SYS_MODULE, SYS_PTRACE, SYS_TIME, BPF and the rest that are missing
 * above): not simulated, and /proc/self/status says so.
 */
export function capabilitiesOf({ securityContext }: Pick<Container, 'securityContext'>): readonly number[] {
  const all = Object.keys(NUMBERS) as Given[];
  const { add = [], drop = [] } = securityContext?.capabilities ?? {};
  const named = (names: readonly string[] | null): Set<string> =>
    new Set((names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, '')));
  const [added, dropped] = [named(add), named(drop)];
  const kept = all.filter((name) => {
    if (securityContext?.privileged === true || added.has('ALL')) return !dropped.has(name);
    if (added.has(name)) return true;
    return DEFAULT.includes(name) && !dropped.has(name) && !dropped.has('ALL');
  });
  return kept.map((name) => NUMBERS[name]);
}

/** What is left of capabilities by a list of names, lower-case as AppArmor's profiles have them. */
export const capabilitiesWithin = (given: readonly number[], names: readonly string[]): readonly number[] => {
  const allowed = new Set(names.map((name) => NUMBERS[name.toUpperCase() as Given]));
  return given.filter((number) => allowed.has(number as (typeof NUMBERS)[Given]));
};

/** Their names as runtimes write them, `CAP_CHOWN`. */
export const capabilityNames = (numbers: readonly number[]): readonly string[] =>
  Object.entries(NUMBERS).flatMap(([name, number]) => (numbers.includes(number) ? [`CAP_${name}`] : []));
