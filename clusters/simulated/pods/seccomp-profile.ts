import { z } from 'zod';
import {
  ALLOW,
  callOf,
  encode,
  ENOSYS,
  give,
  jumpIfEqual,
  KILL_PROCESS,
  KILL_THREAD,
  refuse,
  trap,
  type Instruction,
} from '../hosts/filter-program.ts';
import { type Architecture } from '../hosts/kernel-numbers.ts';
import { ANSWERED, ASK, CHANGING, OBSERVED } from '../hosts/observed-calls.ts';
import { systemCalls } from '../hosts/system-calls.ts';
import { Condition, conditions } from './seccomp-conditions.ts';

const Action = z.enum([
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_TRACE',
]);
type Action = z.infer<typeof Action>;

/** `LinuxSeccomp` of the OCI runtime specification (config-linux.md), the part that decides. Architectures and flags change nothing here. */
const Profile = z.object({
  defaultAction: Action,
  defaultErrnoRet: z.int().min(0).max(4095).optional(),
  syscalls: z
    .array(
      z.object({
        names: z.array(z.string()).max(1000),
        action: Action,
        errnoRet: z.int().min(0).max(4095).optional(),
        args: z.array(Condition).max(6).nullish(),
      }),
    )
    .max(1000)
    .nullish(),
});
export type SeccompProfile = z.infer<typeof Profile>;

export type SeccompRead =
  | { readonly outcome: 'read'; readonly profile: SeccompProfile }
  | { readonly outcome: 'wrong'; readonly why: string };

/** Reads a profile's JSON; what is wrong with it as far as a sentence goes. */
export function readSeccompProfile(text: string): SeccompRead {
  let json: unknown;
  try {
    json = JSON.parse(text, withWholeNumbers);
  } catch (error) {
    return { outcome: 'wrong', why: error instanceof Error ? error.message : String(error) };
  }
  const parsed = Profile.safeParse(json);
  if (parsed.success) return { outcome: 'read', profile: parsed.data };
  const issue = parsed.error.issues[0];
  return { outcome: 'wrong', why: `${issue?.path.join('.')}: ${issue?.message}` };
}

/** Keeps whole numbers that a `number` would round, as a reviver of `JSON.parse`. */
function withWholeNumbers(this: unknown, _: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^\d{1,20}$/.test(source)
    ? BigInt(source)
    : value;
}

const EPERM = 1;

/** The program that holds a container to a profile; calls that it wants logged pass (see `loggedCalls`). Throws as `profileSteps`. */
export function profileFilter(profile: SeccompProfile, architecture: Architecture): Buffer {
  return encode([...callOf(architecture), ...profileSteps(profile, architecture, answerOf)]);
}

/**
 * What is decided by a profile once the number of the call is loaded. The first rule of a call whose conditions hold decides it, as in runc;
 * a name that the kernel does not know is passed over (libcontainer/seccomp/seccomp_linux.go). Throws an `Error`, `not simulated: …`, for more
 * than a program of the kernel's holds.
 */
function profileSteps(
  { defaultAction, defaultErrnoRet, syscalls }: SeccompProfile,
  architecture: Architecture,
  answer: (action: Action, errno: number | undefined) => number,
): readonly Instruction[] {
  const numbers = systemCalls(architecture);
  const otherwise = give(answer(defaultAction, defaultErrnoRet));
  const rules = new Map<number, Instruction[]>();
  for (const { names, action, errnoRet, args } of syscalls ?? [])
    for (const name of names) {
      const number = numbers.get(name);
      if (number === undefined) continue;
      const rule = [...conditions(args ?? []), give(answer(action, errnoRet))];
      rules.set(number, [...(rules.get(number) ?? []), ...rule]);
    }
  const steps: Instruction[] = [];
  for (const [number, rule] of rules) {
    if (rule.length >= FARTHEST_JUMP) throw new Error('not simulated: so many conditions on one system call');
    steps.push(jumpIfEqual(number, 0, rule.length + 1), ...rule, otherwise);
  }
  steps.push(otherwise);
  if (steps.length > MOST_STEPS) throw new Error('not simulated: so long a seccomp profile');
  return steps;
}

/** Calls that a profile lets through and wants logged. */
export interface LoggedCalls {
  /** Lets these wait for the observer, from the number of the call on. */
  readonly steps: readonly Instruction[];
  /** `only` or `not`, and the numbers of the calls that are logged, or of those that are not. */
  readonly numbers: string;
}

/** What of a profile is logged (`SCMP_ACT_LOG`); undefined when nothing is. Throws as `profileSteps`. */
export function loggedCalls(profile: SeccompProfile, architecture: Architecture): LoggedCalls | undefined {
  const { defaultAction, syscalls } = profile;
  const rules = syscalls ?? [];
  if (![defaultAction, ...rules.map(({ action }) => action)].includes('SCMP_ACT_LOG')) return undefined;
  const numbers = systemCalls(architecture);
  const isOtherwise = defaultAction === 'SCMP_ACT_LOG';
  const seen: ReadonlySet<string> = new Set([...OBSERVED, ...CHANGING, ...ANSWERED]);
  // Of calls that wait for another reason the observer could not tell whether conditions on their arguments hold.
  const unclear = rules.find(({ names, args }) => (args ?? []).length > 0 && names.some((name) => seen.has(name)));
  if (unclear !== undefined)
    throw new Error(`not simulated: SCMP_ACT_LOG beside conditions on the arguments of ${unclear.names[0]}`);
  const differing = rules.filter(({ action, args }) =>
    isOtherwise ? action !== 'SCMP_ACT_LOG' && (args ?? []).length === 0 : action === 'SCMP_ACT_LOG',
  );
  const named = differing.flatMap(({ names }) => names.flatMap((name) => numbers.get(name) ?? []));
  return {
    steps: profileSteps(profile, architecture, (action) => (action === 'SCMP_ACT_LOG' ? ASK : ALLOW)),
    numbers: [isOtherwise ? 'not' : 'only', ...new Set(named)].join(' '),
  };
}

/** An instruction's jump is a byte; a program's length is the kernel's BPF_MAXINSNS, 4096, less what stands before. */
const FARTHEST_JUMP = 255;
const MOST_STEPS = 4000;

/** Whether a program could be started, and end, under the profile: without these a process could not even tell that it failed. */
export function letsProgramsRun({ defaultAction, syscalls }: SeccompProfile): boolean {
  return ['execve', 'exit_group'].every((call) => {
    const action = syscalls?.find(({ names }) => names.includes(call))?.action ?? defaultAction;
    return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
  });
}

function answerOf(action: Action, errno: number | undefined): number {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
    case 'SCMP_ACT_LOG':
      return ALLOW;
    case 'SCMP_ACT_ERRNO':
      return refuse(errno ?? EPERM);
    // Nobody traces: the kernel answers so.
    case 'SCMP_ACT_TRACE':
      return refuse(ENOSYS);
    case 'SCMP_ACT_TRAP':
      return trap(errno ?? EPERM);
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return KILL_THREAD;
    case 'SCMP_ACT_KILL_PROCESS':
      return KILL_PROCESS;
    default:
      return action satisfies never;
  }
}
