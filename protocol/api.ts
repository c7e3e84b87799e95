import { z } from 'zod';
import { HostName } from './host.ts';
import { LabId } from './ids.ts';
import { CheckResult, Report, Verdict } from './report.ts';
import { BackendName, FourC, Support } from './scenario.ts';

/**
 * The HTTP API of a Breachlab server. Every body is JSON; an error is an RFC 9457 problem.
 *
 *   GET    /api/scenarios                    ScenarioSummary[]
 *   GET    /api/scenarios/:scenario          ScenarioDetail
 *   GET    /api/labs                         LabSummary[]
 *   POST   /api/labs                         CreateLabRequest → 202 LabSummary (poll it until it is ready)
 *   GET    /api/labs/:lab                    LabDetail
 *   DELETE /api/labs/:lab                    204
 *   POST   /api/labs/:lab/reset              202 LabSummary; shells of the old lab end
 *   POST   /api/labs/:lab/checks             application/x-ndjson of GradeEvent; `?task=ID` grades that task alone
 *   GET    /api/labs/:lab/kubeconfig         application/yaml, the administrator's
 *   GET    /api/labs/:lab/terminals/:host/:terminal   WebSocket, see terminal.ts
 */
export const Problem = z.object({
  type: z.string().default('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** What the reader can do now. */
  nextStep: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What a page may know of a check before it is run: never the probe or the expectation. */
export const CheckOutline = z.strictObject({ id: z.string(), title: z.string(), support: Support });
export type CheckOutline = z.infer<typeof CheckOutline>;

export const TaskOutline = z.strictObject({
  id: z.string(),
  c: FourC,
  title: z.string(),
  points: z.int(),
  competencies: z.array(z.string()),
  host: HostName,
  /** Markdown. */
  text: z.string(),
  checks: z.array(CheckOutline),
  guards: z.array(CheckOutline),
});
export type TaskOutline = z.infer<typeof TaskOutline>;

export const ScenarioSummary = z.strictObject({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  minutes: z.int(),
  tasks: z.int(),
  points: z.int(),
});
export type ScenarioSummary = z.infer<typeof ScenarioSummary>;

export const ScenarioDetail = ScenarioSummary.omit({ tasks: true }).extend({
  story: z.string(),
  hosts: z.array(HostName),
  tasks: z.array(TaskOutline),
});
export type ScenarioDetail = z.infer<typeof ScenarioDetail>;

export const LabState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('starting'), step: z.string() }),
  z.strictObject({ state: z.literal('ready') }),
  z.strictObject({ state: z.literal('resetting'), step: z.string() }),
  z.strictObject({ state: z.literal('failed'), problem: Problem }),
]);
export type LabState = z.infer<typeof LabState>;

export const LabSummary = z.strictObject({
  id: LabId,
  scenario: z.string(),
  backend: BackendName,
  createdAt: z.iso.datetime(),
  status: LabState,
  /** How often the lab was reset; terminals of another generation are gone. */
  generation: z.int().nonnegative(),
});
export type LabSummary = z.infer<typeof LabSummary>;

export const LabDetail = LabSummary.extend({ scenarioDetail: ScenarioDetail, lastReport: Report.nullable() });
export type LabDetail = z.infer<typeof LabDetail>;

export const CreateLabRequest = z.strictObject({ scenario: z.string(), backend: BackendName.optional() });
export type CreateLabRequest = z.infer<typeof CreateLabRequest>;

/** One line of the stream of `POST /api/labs/:lab/checks`. The stream ends with `report` or with `problem`. */
export const GradeEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('started'), checks: z.int() }),
  /** What a check says first that is tried again for a while; its `check` follows. */
  z.strictObject({ type: z.literal('so-far'), result: CheckResult }),
  z.strictObject({ type: z.literal('check'), result: CheckResult }),
  z.strictObject({ type: z.literal('task'), task: z.string(), verdict: Verdict }),
  z.strictObject({ type: z.literal('report'), report: Report }),
  z.strictObject({ type: z.literal('problem'), problem: Problem }),
]);
export type GradeEvent = z.infer<typeof GradeEvent>;
