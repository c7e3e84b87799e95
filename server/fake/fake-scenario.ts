import { scoreReport, scoreTask } from '../../grader/score.ts';
import type { CheckResult } from '../../protocol/report.ts';
import { type FourC, ScenarioFile } from '../../protocol/scenario.ts';
import type { GradeRequest, PlayableScenario, ScenarioShelf } from '../labs/playable-scenario.ts';
import { Refusal } from '../refusal.ts';
import { unlessAborted } from './given-up.ts';

const check = (id: string) => ({
  id,
  title: `The ${id} holds`,
  probe: { kind: 'file', host: 'workstation', path: '/fixed' },
  expect: 'fact.exists',
  mismatch: 'There is no file /fixed.',
  hint: 'Type fix.',
});

const task = (id: string, c: FourC) => ({
  id,
  c,
  title: `The ${c}`,
  points: 10,
  competencies: ['system.network-exposure'],
  checks: [check('check')],
  guards: [check('guard')],
});

const file = ScenarioFile.parse({
  id: 'breach',
  title: 'A small breach',
  summary: 'One command fixes it.',
  story: 'Somebody was **here**.',
  minutes: 5,
  hosts: ['workstation', 'controlplane'],
  tasks: [task('walls', 'cloud'), task('doors', 'cluster')],
});

/** A scenario for `FakeBackend`: its checks pass once `/fixed` is on the workstation, which the fake shell's `fix` sees to. */
export function fakeScenario(beforeResult: (signal: AbortSignal) => Promise<void> = async () => {}): PlayableScenario {
  return {
    file,
    texts: new Map(file.tasks.map(({ id, title }) => [id, `# ${title}\n\nType \`fix\`.`])),
    seed: { hosts: file.hosts, manifests: [], files: [] },
    async grade({ lab, tasks: only, signal, onResult, onTask }: GradeRequest) {
      const host = await lab.host('workstation');
      const tasks = [];
      for (const one of file.tasks.filter(({ id }) => only?.includes(id) ?? true)) {
        const results: CheckResult[] = [];
        for (const { id, title } of [...one.checks, ...one.guards]) {
          await unlessAborted(beforeResult(signal), signal);
          const role = id === 'guard' ? 'guard' : 'check';
          const fixed = (await host.readFile('/fixed', { maxBytes: 1 })).outcome === 'read' || role === 'guard';
          const result: CheckResult = {
            task: one.id,
            check: id,
            role,
            title,
            verdict: fixed ? 'pass' : 'fail',
            support: 'modelled',
            evidence: fixed ? '/fixed is there' : '/fixed is absent',
            ...(!fixed && { mismatch: 'There is no file /fixed.', hint: 'Type fix.' }),
            milliseconds: 1,
          };
          results.push(result);
          onResult(result);
        }
        const result = scoreTask(one, results);
        tasks.push(result);
        onTask(result);
      }
      const startedAt = '2026-01-01T00:00:00Z';
      return { scenario: file.id, backend: lab.backend, startedAt, milliseconds: 1, ...scoreReport(tasks), tasks };
    },
  };
}

export function shelfOf(...scenarios: readonly PlayableScenario[]): ScenarioShelf {
  return {
    list: async () => scenarios,
    async load(id) {
      const found = scenarios.find((scenario) => scenario.file.id === id);
      if (found !== undefined) return found;
      throw new Refusal(
        'absent',
        `There is no scenario ${id}.`,
        `Choose one of: ${scenarios.map((s) => s.file.id).join(', ')}.`,
      );
    },
  };
}
