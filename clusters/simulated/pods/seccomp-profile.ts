import { z } from 'zod';
import {
  ALLOW,
  encode,
  give,
  jumpIfAtLeast,
  jumpIfEqual,
  KILL_PROCESS,
  KILL_THREAD,
  load,
  refuse,
  trap,
  type Instruction,
} from '../hosts/filter-program.ts';
import { AUDIT_ARCHITECTURE, type Architecture } from '../hosts/kernel-numbers.ts';
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
        args: z.array(z.unknown()).nullish(),
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
    json = JSON.parse(text);
  } catch (error) {
    return { outcome: 'wrong', why: error instanceof Error ? error.message : String(error) };
  }
  const parsed = Profile.safeParse(json);
  if (parsed.success) return { outcome: 'read', profile: parsed.data };
  const issue = parsed.error.issues[0];
  return { outcome: 'wrong', why: `${issue?.path.join('.')}: ${issue?.message}` };
}

const EPERM = 1;
const ENOSYS = 38;

/**
 * The program that holds a container to a profile. The first rule that names a call decides it, as in runc; a name that the kernel does
 * not know is passed over (libcontainer/seccomp/seccomp_linux.go). Calls that a profile wants logged pass: a lab's kernel logs for nobody.
 * Throws an `Error`, `not simulated: …`, for rules that look at arguments.
 */
export function profileFilter(
  { defaultAction, defaultErrnoRet, syscalls }: SeccompProfile,
  architecture: Architecture,
): Buffer {
  const numbers = systemCalls(architecture);
  const otherwise = answerOf(defaultAction, defaultErrnoRet);
  const decided = new Map<number, number>();
  for (const { names, action, errnoRet, args } of syscalls ?? []) {
    if ((args ?? []).length > 0) throw new Error('not simulated: conditions on arguments in seccomp profiles');
    const answer = answerOf(action, errnoRet);
    for (const name of names) {
      const number = numbers.get(name);
      if (number !== undefined && !decided.has(number)) decided.set(number, answer);
    }
  }
  const program: Instruction[] = [
    load(4),
    jumpIfEqual(AUDIT_ARCHITECTURE[architecture], 1, 0),
    give(KILL_PROCESS),
    load(0),
    // The x32 calls of x86_64 (see the lab's own filter).
    jumpIfAtLeast(0x40000000, 0, 1),
    give(refuse(ENOSYS)),
  ];
  for (const [number, answer] of decided)
    if (answer !== otherwise) program.push(jumpIfEqual(number, 0, 1), give(answer));
  program.push(give(otherwise));
  return encode(program);
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
