import { ScenarioFile } from '../protocol/scenario.ts';
import { compileCheck, type Judge } from './checks/judge.ts';
import type { LoadedScenario, ProofSubmission } from './scenario/load.ts';

/** A scenario of an object in the form of `scenario.yaml`, for tests that need no files. */
export function fakeScenario(file: unknown, submissions: readonly ProofSubmission[] = []): LoadedScenario {
  const parsed = ScenarioFile.parse(file);
  const judges = new Map<string, Judge>();
  for (const task of parsed.tasks) {
    for (const check of [...task.checks, ...task.guards]) {
      const compiled = compileCheck(check);
      if (compiled.outcome === 'broken') throw new Error(compiled.reason);
      judges.set(`${task.id}/${check.id}`, compiled.judge);
    }
  }
  return {
    directory: '/nowhere',
    file: parsed,
    texts: new Map(parsed.tasks.map(({ id }) => [id, 'text'])),
    seed: { hosts: parsed.hosts, manifests: [], files: [] },
    submissions,
    judges,
  };
}

/** A check over a file of the workstation: it passes when the file holds that text. */
export function fileCheck(id: string, path: string, text: string, more: object = {}): object {
  return {
    id,
    title: `${path} says ${text}`,
    probe: { kind: 'file', host: 'workstation', path },
    expect: `fact.exists && fact.text == "${text}"`,
    mismatch: '{{ fact.exists ? fact.text : "absent" }}',
    ...more,
  };
}
