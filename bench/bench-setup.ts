import type { Backend, Host, Lab, Shell } from '../clusters/cluster.ts';
import { type LoadedScenario, loadScenario } from '../grader/scenario/load.ts';
import { labIdFrom } from '../protocol/ids.ts';
import type { KindAlone } from './kind-alone.ts';

/** What every bench is given. */
export interface BenchSetup {
  readonly backend: Backend;
  readonly scenarioDirectory: string;
  readonly webDirectory: string;
  /** For clients that measure from a process of their own. */
  readonly node: string;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Given where the backend is kind. */
  readonly kindAlone?: KindAlone;
  /** How many labs, where a bench starts labs. */
  readonly labs?: number;
}

export const loadBreach = ({ scenarioDirectory }: BenchSetup): Promise<LoadedScenario> =>
  loadScenario(scenarioDirectory, 'breach');

export const createLab = (setup: BenchSetup, { seed }: Pick<LoadedScenario, 'seed'>): Promise<Lab> =>
  setup.backend.create({
    id: labIdFrom(setup.random(10)),
    seed,
    progress: () => undefined,
    signal: setup.signal,
  });

/** A prompt ends in `# ` or `$ `, colours and title sequences aside. */
// oxlint-disable-next-line no-control-regex -- ESC begins the colours that may follow a prompt
const PROMPT = /[#$] (?:\u001b\[[0-9;?]*[a-zA-Z])*$/;

/** Opens a shell and waits until it shows its prompt. */
export async function shellAtPrompt(host: Host, session: string): Promise<Shell> {
  const shell = await host.openShell({ session, cols: 80, rows: 24 });
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      seen = (seen + chunk.toString('utf8')).slice(-4096);
      if (!PROMPT.test(seen)) return;
      shell.output.off('data', look);
      resolve();
    };
    shell.output.on('data', look);
    shell.output.once('end', () => reject(new Error(`the shell ended before its prompt: ${JSON.stringify(seen)}`)));
  });
  return shell;
}
