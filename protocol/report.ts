import { z } from 'zod';
import { BackendName, FourC, Support } from './scenario.ts';

/** `unknown` means that the fact could not be observed: it earns nothing and blames nobody. */
export const Verdict = z.enum(['pass', 'fail', 'unknown']);
export type Verdict = z.infer<typeof Verdict>;

export const CheckResult = z.strictObject({
  task: z.string(),
  check: z.string(),
  role: z.enum(['check', 'guard']),
  title: z.string(),
  verdict: Verdict,
  /** How the backend knows: `real` packets and programs, or `modelled` ones. */
  support: Support,
  /** What was observed, in a line or a few; bounded, and never trusted as markup. */
  evidence: z.string(),
  /** Present on `fail`: how the observation differs from what is asked. */
  mismatch: z.string().optional(),
  /** Present on `fail` where the scenario has one. */
  hint: z.string().optional(),
  /** Present on `unknown`: why the fact could not be observed. */
  reason: z.string().optional(),
  milliseconds: z.number().nonnegative(),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const Score = z.strictObject({ earned: z.number().nonnegative(), total: z.number().nonnegative() });
export type Score = z.infer<typeof Score>;

export const TaskResult = z.strictObject({
  task: z.string(),
  c: FourC,
  title: z.string(),
  /**
   * `earned` is the share of checks that passed, in whole points rounded down; zero when a guard did not pass.
   * What the backend does not support counts neither way: a task without any supported check has a `total` of zero.
   */
  score: Score,
  verdict: Verdict,
  results: z.array(CheckResult),
});
export type TaskResult = z.infer<typeof TaskResult>;

export const Report = z.strictObject({
  scenario: z.string(),
  backend: BackendName,
  startedAt: z.iso.datetime(),
  milliseconds: z.number().nonnegative(),
  score: Score,
  byC: z.record(FourC, Score),
  tasks: z.array(TaskResult),
});
export type Report = z.infer<typeof Report>;
