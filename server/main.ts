import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../clusters/cluster.ts';
import { grade } from '../grader/grade.ts';
import type { LoadedScenario } from '../grader/scenario/load.ts';
import { type Grade, scenarioFiles } from './scenario-files.ts';
import { type RunningServer, serve, type ServeOptions } from './serve.ts';
import { openSqliteLabStore } from './store/sqlite-lab-store.ts';

export interface StartServerOptions extends Omit<ServeOptions, 'shelf' | 'store'> {
  readonly scenarioDirectory: string;
  /** Scenarios of that directory that the caller has just read. */
  readonly scenarios?: readonly LoadedScenario[];
  /** Holds the database; made when missing, for its owner only. */
  readonly dataDirectory: string;
}

/**
 * Starts the server of this machine: scenarios from a directory, SQLite, the given backends.
 * Rejects with `LabError` when the port is taken, the data directory cannot be written or the database is from a newer version.
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { scenarioDirectory, scenarios, dataDirectory, ...rest } = options;
  const { clock, log } = options;
  const judge: Grade = (request) => grade({ ...request, now: () => clock.now() });
  await makeDataDirectory(dataDirectory);
  const store = openSqliteLabStore(join(dataDirectory, 'breachlab.sqlite'));
  return await serve({ ...rest, store, shelf: scenarioFiles(scenarioDirectory, judge, log, scenarios) });
}

async function makeDataDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
  } catch (cause) {
    const { code = 'it cannot be made' } = cause as NodeJS.ErrnoException;
    throw new LabError(
      `The data directory ${path} cannot be written: ${code}.`,
      'Make it writable for this user, or name another one: BREACHLAB_DATA=/path',
      { cause },
    );
  }
}
