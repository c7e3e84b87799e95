import { z } from 'zod';
import {
  ALLOW,
  and,
  callOf,
  encode,
  ENOSYS,
  give,
  jumpIfAtLeast,
  jumpIfEqual,
  jumpIfGreater,
  KILL_PROCESS,
  KILL_THREAD,
  load,
  refuse,
  trap,
  type Instruction,
} from '../hosts/filter-program.ts';
import { type Architecture } from '../hosts/kernel-numbers.ts';
import { systemCalls } from '../hosts/system-calls.ts';

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

/** An argument of a system call: 64 bits without a sign, of which JSON's numbers hold 53 (see `withWholeNumbers`). */
const Argument = z
  .union([z.int().min(0), z.bigint()])
  .transform(BigInt)
  .refine((value) => value < 2n ** 64n, 'does not fit into 64 bits');

/** One condition on an argument, of which there are six (`LinuxSeccompArg`). */
const Condition = z.object({
  index: z.int().min(0).max(5),
  value: Argument,
  valueTwo: Argument.default(0n),
  op: z.enum([
    'SCMP_CMP_EQ',
    'SCMP_CMP_NE',
    'SCMP_CMP_MASKED_EQ',
    'SCMP_CMP_LT',
    'SCMP_CMP_LE',
    'SCMP_CMP_GE',
    'SCMP_CMP_GT',
  ]),
});
type Condition = z.infer<typeof Condition>;

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

/**
 * The program that holds a container to a profile. The first rule of a call whose conditions hold decides it, as in runc; a name that the
 * kernel does not know is passed over (libcontainer/seccomp/seccomp_linux.go). Calls that a profile wants logged pass: a lab's kernel logs
 * for nobody. Throws an `Error`, `not simulated: …`, for more than a program of the kernel's holds.
 */
export function profileFilter(
  { defaultAction, defaultErrnoRet, syscalls }: SeccompProfile,
  architecture: Architecture,
): Buffer {
  const numbers = systemCalls(architecture);
  const otherwise = give(answerOf(defaultAction, defaultErrnoRet));
  const rules = new Map<number, Instruction[]>();
  for (const { names, action, errnoRet, args } of syscalls ?? [])
    for (const name of names) {
      const number = numbers.get(name);
      if (number === undefined) continue;
      const rule = [...conditions(args ?? []), give(answerOf(action, errnoRet))];
      rules.set(number, [...(rules.get(number) ?? []), ...rule]);
    }
  const program: Instruction[] = [...callOf(architecture)];
  for (const [number, steps] of rules) {
    if (steps.length >= FARTHEST_JUMP) throw new Error('not simulated: so many conditions on one system call');
    program.push(jumpIfEqual(number, 0, steps.length + 1), ...steps, otherwise);
  }
  program.push(otherwise);
  if (program.length > MOST_STEPS) throw new Error('not simulated: so long a seccomp profile');
  return encode(program);
}

/** An instruction's jump is a byte; a program's length is the kernel's BPF_MAXINSNS. */
const FARTHEST_JUMP = 255;
const MOST_STEPS = 4096;

/** Steps that end at what follows them when all conditions hold, and one step behind that, at the next rule, when one does not. */
function conditions(args: readonly Condition[]): readonly Instruction[] {
  let steps: readonly Instruction[] = [];
  for (const one of args.toReversed()) {
    const away = steps.length + 1; // over the rest and the answer
    steps = [...condition(one, away), ...steps];
  }
  return steps;
}

/** Arguments have 64 bits, a filter looks at 32 at a time, the high ones first. `away`: how far behind the condition to go when it fails. */
function condition({ index, value, valueTwo, op }: Condition, away: number): readonly Instruction[] {
  const [low, high] = [16 + 8 * index, 20 + 8 * index];
  const halves = (whole: bigint) => [Number(whole >> 32n), Number(whole & 0xffff_ffffn)] as const;
  const [top, bottom] = halves(op === 'SCMP_CMP_MASKED_EQ' ? valueTwo : value);
  const [topMask, bottomMask] = halves(value);
  // Over the three steps of the low half to what holds, or beyond that.
  const [holds, fails] = [3, 3 + away];
  switch (op) {
    case 'SCMP_CMP_EQ':
      return [load(high), jumpIfEqual(top, 0, away + 2), load(low), jumpIfEqual(bottom, 0, away)];
    case 'SCMP_CMP_NE':
      return [load(high), jumpIfEqual(top, 0, 2), load(low), jumpIfEqual(bottom, away, 0)];
    case 'SCMP_CMP_MASKED_EQ':
      return [
        load(high),
        and(topMask),
        jumpIfEqual(top, 0, away + 3),
        load(low),
        and(bottomMask),
        jumpIfEqual(bottom, 0, away),
      ];
    case 'SCMP_CMP_GT':
    case 'SCMP_CMP_GE': {
      const last = op === 'SCMP_CMP_GT' ? jumpIfGreater : jumpIfAtLeast;
      return [
        load(high),
        jumpIfGreater(top, holds, 0),
        jumpIfEqual(top, 0, fails - 1),
        load(low),
        last(bottom, 0, away),
      ];
    }
    case 'SCMP_CMP_LT':
    case 'SCMP_CMP_LE': {
      const last = op === 'SCMP_CMP_LT' ? jumpIfAtLeast : jumpIfGreater;
      return [
        load(high),
        jumpIfGreater(top, fails, 0),
        jumpIfEqual(top, 0, holds - 1),
        load(low),
        last(bottom, away, 0),
      ];
    }
    default:
      return op satisfies never;
  }
}

/** Whether a program could be started, and end, under the profile: without these a process could not even tell that it failed. */
export function letsProgramsRun({ defaultAction, syscalls }: SeccompProfile): boolean {
  return ['execve', 'exit_group'].every((call) => {
    const action = syscalls?.find(({ names }) => names.includes(call))?.action ?? defaultAction;
    return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';
  });
}

function answerOf(action: z.infer<typeof Action>, errno: number | undefined): number {
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
