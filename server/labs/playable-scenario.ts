import type { Lab, Seed } from '../../clusters/cluster.ts';
import type { ScenarioDetail, ScenarioSummary, TaskOutline } from '../../protocol/api.ts';
import type { CheckResult, Report, TaskResult } from '../../protocol/report.ts';
import type { BackendName, Check, ScenarioFile } from '../../protocol/scenario.ts';

export interface GradeRequest {
  readonly lab: Lab;
  /** Grades those tasks alone. */
  readonly tasks?: readonly string[];
  readonly signal: AbortSignal;
  /** Called with each check's result as it comes. */
  readonly onResult: (result: CheckResult) => void;
  /** Called with what a check says first when it is going to be tried again. */
  readonly onSoFar: (result: CheckResult) => void;
  /** Called as each task is decided. */
  readonly onTask: (result: TaskResult) => void;
}

/** A scenario as the server needs it: what to show, what to seed, and how to judge. */
export interface PlayableScenario {
  readonly file: ScenarioFile;
  /** Markdown by task id. */
  readonly texts: ReadonlyMap<string, string>;
  readonly seed: Seed;
  grade(request: GradeRequest): Promise<Report>;
}

/** Where scenarios come from. */
export interface ScenarioShelf {
  list(): Promise<readonly PlayableScenario[]>;
  /** Rejects with a `Refusal` (`absent`) for an unknown id and a `LabError` for a broken scenario. */
  load(id: string): Promise<PlayableScenario>;
}

const points = (file: ScenarioFile): number => file.tasks.reduce((sum, task) => sum + task.points, 0);

export function summaryOf({ file }: PlayableScenario): ScenarioSummary {
  const { id, title, summary, minutes, tasks } = file;
  return { id, title, summary, minutes, tasks: tasks.length, points: points(file) };
}

/** What a page may know before anything is checked: never a probe, an expectation or a hint. */
export function detailOf({ file, texts }: PlayableScenario, backend: BackendName): ScenarioDetail {
  const outline = ({ id, title, support }: Check) => ({ id, title, support: support[backend] });
  const tasks = file.tasks.map((task): TaskOutline => ({
    id: task.id,
    c: task.c,
    title: task.title,
    points: task.points,
    competencies: task.competencies,
    host: task.host,
    text: texts.get(task.id) ?? '',
    checks: task.checks.map(outline),
    guards: task.guards.map(outline),
  }));
  const { id, title, summary, minutes, story, hosts } = file;
  return { id, title, summary, minutes, points: points(file), story, hosts, tasks };
}
