import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import { readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { scenarioDirectory } from './scenarios.ts';
import { toldSteps } from './told-steps.ts';
import { labIdFrom } from '../protocol/ids.ts';
import {
  backendOption,
  imageOption,
  type KindFlags,
  mirrorOption,
  parseMinutes,
  parsePort,
  parseWarm,
  scenariosOption,
} from './shared-options.ts';

interface UpOptions extends KindFlags {
  readonly scenario: string;
  readonly scenarios?: string;
  readonly backend: string;
  readonly port: number;
  readonly warm: number;
  readonly idleMinutes?: number;
  readonly lifeMinutes?: number;
}

/** `breachlab up`: the server of this machine, with one lab started in it. Runs until Ctrl-C, then takes everything down. */
export const upCommand = (context: CommandContext): Command =>
  new Command('up')
    .description('set up what is missing, start the lab and print the URL to open')
    .option('--scenario <id>', 'the scenario to start with', 'breach')
    .addOption(scenariosOption())
    .addOption(backendOption())
    .addOption(imageOption())
    .addOption(mirrorOption())
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any free one', parsePort, 7777)
    .option('--warm <number>', 'labs to keep made ahead, 3 MB each, so that the next one starts at once', parseWarm, 0)
    .option('--idle-minutes <number>', 'delete a lab that nobody has used for so long', parseMinutes)
    .option('--life-minutes <number>', 'delete a lab so long after it was created', parseMinutes)
    .action(async (options: UpOptions) => {
      const { stdout, stderr, signal, random, project, dataDirectory, now } = context;
      const directory = scenarioDirectory(context, options.scenarios);
      // What is typed wrong is said before anything is fetched.
      const { loadScenario } = await import('../grader/scenario/load.ts');
      const scenario = await loadScenario(directory, options.scenario);
      const { createLab, listLabs, runningServer, tokenOfKilledServer, untilReady } =
        await import('./server-client.ts');
      const other = await runningServer(context);
      if (other !== undefined) {
        throw new LabError(
          `Your Breachlab is running already: ${other.origin}/?token=${other.token}`,
          'Open that, or end it with Ctrl-C where it runs.',
        );
      }
      const token = await tokenOfKilledServer(context);
      // Read while the machine is being asked what it can.
      const modules = Promise.all([
        import('../server/main.ts'),
        import('./log.ts'),
        import('../clusters/warm-backend.ts'),
      ]);
      modules.catch(() => undefined);
      const cold = await readyBackend(context, {
        name: options.backend,
        needs: ['hosts', 'clients', 'page'],
        kind: options,
        outlives: true,
      });
      const [{ startServer }, { logOn }, { WarmBackend }] = await modules;
      // Why the first lab could not be made is this command's own error; the server's log must not say it before.
      let held: string[] | undefined = [];
      await using resources = new AsyncDisposableStack();
      const log = logOn({ write: (text) => (held === undefined ? stderr.write(text) : held.push(text)) });
      const backend =
        options.warm === 0
          ? cold
          : resources.use(
              new WarmBackend(cold, {
                size: options.warm,
                newId: () => labIdFrom(random(10)),
                log: (line) => log.warn(line),
              }),
            );
      await using server = await startServer({
        host: '127.0.0.1',
        port: options.port,
        backends: new Map([[backend.name, backend]]),
        scenarioDirectory: directory,
        scenarios: [scenario],
        webDirectory: join(project, 'web/dist'),
        dataDirectory,
        clock: { now: () => now() },
        random,
        log,
        ...(token !== undefined && { token }),
        labLimits: {
          ...(options.idleMinutes === undefined ? {} : { idleMinutes: options.idleMinutes }),
          ...(options.lifeMinutes === undefined ? {} : { lifeMinutes: options.lifeMinutes }),
        },
      });
      await using _ = await announce(dataDirectory, server);
      // One that an earlier server has left running, or a new one.
      const { id } =
        (await listLabs(server)).find((lab) => lab.scenario === options.scenario && lab.status.state === 'ready') ??
        (await createLab(server, { scenario: options.scenario }));
      // The page shows the same steps: whoever opens it now waits there.
      stdout.write(
        `\n  Open  ${server.url.replace('/?', `/labs/${id}?`)}\n\n  Ctrl-C ends the lab and removes it.\n\n`,
      );
      await untilReady(server, id, signal, toldSteps(stderr));
      stderr.write(held.join(''));
      held = undefined;
      stderr.write('· the lab is ready\n');
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
