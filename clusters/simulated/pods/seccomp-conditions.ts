import { z } from 'zod';
import { and, jumpIfAtLeast, jumpIfEqual, jumpIfGreater, load, type Instruction } from '../hosts/filter-program.ts';

/** An argument of a system call: 64 bits without a sign, of which JSON's numbers hold 53 (see seccomp-profile.ts). */
const Argument = z
  .union([z.int().min(0), z.bigint()])
  .transform(BigInt)
  .refine((value) => value < 2n ** 64n, 'does not fit into 64 bits');

/** One condition on an argument, of which there are six (`LinuxSeccompArg`). */
export const Condition = z.object({
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

/** Steps that end at what follows them when all conditions hold, and one step behind that, at the next rule, when one does not. */
export function conditions(args: readonly Condition[]): readonly Instruction[] {
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
