import type { LoadedScenario } from '../grader/scenario/load.ts';
import { listScenarios, loadScenario } from '../grader/scenario/load.ts';
import type { GradeRequest, PlayableScenario, ScenarioShelf } from './labs/playable-scenario.ts';
import type { Log } from './log.ts';
import type { Report } from '../protocol/report.ts';
import { Refusal } from './refusal.ts';

export type Grade = (request: GradeRequest & { readonly scenario: LoadedScenario }) => Promise<Report>;

/**
 * The scenarios of a directory, judged by `grade`. They are read anew each time, so an author sees an edit with the next lab; a running
 * lab keeps what it began with. A broken one is left out of the list, with a warning, and cannot be loaded. What the caller has read
 * already serves the first lab of it.
 */
export function scenarioFiles(
  directory: string,
  grade: Grade,
  log: Log,
  read: Iterable<LoadedScenario> = [],
): ScenarioShelf {
  const ready = new Map(Array.from(read, (scenario) => [scenario.file.id, scenario]));
  async function load(id: string): Promise<PlayableScenario> {
    const known = await listScenarios(directory);
    if (!known.includes(id)) {
      throw new Refusal('absent', `There is no scenario ${id}.`, `Choose one of: ${known.join(', ') || '(none)'}.`);
    }
    const scenario = ready.get(id) ?? (await loadScenario(directory, id));
    ready.delete(id);
    return {
      file: scenario.file,
      texts: scenario.texts,
      seed: scenario.seed,
      grade: (request) => grade({ ...request, scenario }),
    };
  }

  return {
    load,
    async list() {
      const scenarios: PlayableScenario[] = [];
      for (const id of await listScenarios(directory)) {
        try {
          scenarios.push(await load(id));
        } catch (cause) {
          log.warn('a scenario is broken', { scenario: id, cause });
        }
      }
      return scenarios;
    },
  };
}
