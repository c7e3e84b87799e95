import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { loadScenario } from '../grader/scenario/load.ts';
import { startServer } from '../server/main.ts';
import { backendOf } from './backends.ts';
import type { CommandContext } from './context.ts';
import { logOn } from './log.ts';
import { provide } from './setup/needs.ts';
import { scenarioDirectory } from './scenarios.ts';
import { createLab } from './server-client.ts';

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

interface UpOptions {
  readonly scenario: string;
  readonly backend: string;
  readonly port: number;
}

/** `breachlab up`: the server of this machine, with one lab started in it. Runs until Ctrl-C, then takes everything down. */
export const upCommand = (context: CommandContext): Command =>
  new Command('up')
    .description('set up what is missing, start the lab and print the URL to open')
    .option('--scenario <id>', 'the scenario to start with', 'breach')
    .option('--backend <name>', 'simulated or kind', 'simulated')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any free one', parsePort, 7777)
    .action(async ({ scenario, backend, port }: UpOptions) => {
      const { stdout, signal, random, project, dataDirectory, now } = context;
      // What is typed wrong is said before anything is fetched.
      await loadScenario(scenarioDirectory(context), scenario);
      const chosen = backendOf(context, backend);
      await provide(['hosts', 'clients', 'page'], context);
      await using server = await startServer({
        host: '127.0.0.1',
        port,
        backends: new Map([[chosen.name, chosen]]),
        scenarioDirectory: scenarioDirectory(context),
        webDirectory: join(project, 'web/dist'),
        dataDirectory,
        clock: { now: () => now() },
        random,
        log: logOn(context.stderr),
      });
      await using _ = await announce(dataDirectory, server);
      const lab = await createLab(server, { scenario });
      stdout.write(
        `\n  Open  ${server.url.replace('/?', `/labs/${lab.id}?`)}\n\n  Ctrl-C ends the lab and removes it.\n`,
      );
      await untilAborted(signal);
      stdout.write('\nTaking the lab down …\n');
    });

/** Tells other commands of this user how to reach the server, for as long as it runs. */
async function announce(
  directory: string,
  { origin, token }: { origin: string; token: string },
): Promise<AsyncDisposable> {
  const file = join(directory, 'server.json');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify({ origin, token }), { mode: 0o600 });
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const alive = setInterval(() => undefined, 2 ** 30); // the server's sockets may all be closed for a while
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
