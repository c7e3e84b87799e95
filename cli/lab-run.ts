import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { constants, homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import { kubeconfigOf } from '../clusters/kubeconfig.ts';
import { labIdFrom } from '../protocol/ids.ts';
import { clientPrograms, readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { scenarioDirectory } from './scenarios.ts';
import {
  backendOption,
  imageOption,
  type KindFlags,
  mirrorOption,
  parsePort,
  scenariosOption,
} from './shared-options.ts';

interface RunOptions extends KindFlags {
  readonly scenario: string;
  readonly scenarios?: string;
  readonly backend: string;
  readonly apiPort?: number;
  readonly tokenFile?: string;
  readonly apiServerFlag?: readonly string[];
  readonly nodes: boolean;
}

/** `breachlab lab run`: a fresh lab for one command of this machine; the exit status is the command's, and nothing is left. */
export const labRunCommand = (context: CommandContext): Command =>
  new Command('run')
    .description('run one command against a fresh lab: KUBECONFIG set, kubectl and helm on PATH')
    .argument('<command...>', 'after `--`')
    .option('--scenario <id>', 'what to seed', 'blank')
    .addOption(scenariosOption())
    .addOption(backendOption())
    .addOption(imageOption())
    .addOption(mirrorOption())
    .option('--api-port <number>', 'port of the API server on 127.0.0.1; any free one when absent', parsePort)
    .option('--token-file <path>', 'static tokens the API server takes (token,user,uid,"group1,group2")')
    .option(
      '--api-server-flag <flag>',
      'a flag of kube-apiserver, for instance --api-server-flag=--authorization-mode=RBAC,AlwaysAllow; repeat it for more',
      collectFlag,
    )
    .option('--no-nodes', 'the control plane alone: pods stay Pending, and Nodes are what the command creates')
    .passThroughOptions()
    .action(async (command: string[], options: RunOptions) => {
      const { signal, random } = context;
      const { apiPort, tokenFile, apiServerFlag, nodes } = options;
      const { loadScenario } = await import('../grader/scenario/load.ts');
      const scenario = await loadScenario(scenarioDirectory(context, options.scenarios), options.scenario);
      const backend = await readyBackend(context, {
        name: options.backend,
        needs: scenario.seed.hosts.length > 0 ? ['hosts', 'clients'] : ['clients'],
        options: {
          ...(apiPort === undefined ? {} : { apiPort }),
          ...(tokenFile === undefined ? {} : { tokenFile }),
          ...(apiServerFlag === undefined ? {} : { apiServerFlags: apiServerFlag }),
          nodes,
        },
        kind: options,
      });
      await using lab = await backend.create({
        id: labIdFrom(random(10)),
        seed: scenario.seed,
        progress: () => undefined,
        signal,
      });
      await using home = await scratch();
      const kubeconfig = join(home.path, 'kubeconfig');
      const access = await lab.kubeAccess('admin');
      await writeFile(kubeconfig, kubeconfigOf('breachlab', access), { mode: 0o600 });
      await forgetDiscovery(context, access.server);
      for (const [name, program] of Object.entries(clientPrograms(context)))
        await symlink(program, join(home.path, name));
      const exitCode = await runCommand(command, context, {
        KUBECONFIG: kubeconfig,
        PATH: `${home.path}${delimiter}${context.path}`,
      });
      if (exitCode !== 0) throw new Failure(exitCode);
    });

function collectFlag(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^--[a-z0-9-]+=/.test(text)) throw new InvalidArgumentError('a flag is --name=value');
  return [...before, text];
}

/**
 * kubectl caches discovery by address, and a port may have been another lab's a second ago. KUBECACHEDIR would do as well, but it
 * outlives a HOME that the command sets for itself: users without a name would be served what the administrator discovered.
 */
async function forgetDiscovery({ env }: CommandContext, server: string): Promise<void> {
  const cache = env['KUBECACHEDIR'] ?? join(env['HOME'] ?? homedir(), '.kube', 'cache');
  const address = server.replace(/^https?:\/\//, '').replaceAll(/[^\w/.]/g, '_');
  await rm(join(cache, 'discovery', address), { recursive: true, force: true });
}

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'breachlab-run-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The command with this terminal as its own. A signal to us is passed on, and its exit status is ours. */
function runCommand(
  [file = '', ...args]: readonly string[],
  { env, signal }: CommandContext,
  more: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...env, ...more }, stdio: 'inherit' });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (cause) => {
      const missing = 'code' in cause && cause.code === 'ENOENT';
      reject(
        missing
          ? new LabError(`There is no command "${file}".`, 'Check its spelling and PATH.', { cause })
          : new LabError(`"${file}" could not be started: ${cause.message}`, 'Check that it may be executed.', {
              cause,
            }),
      );
    });
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]));
    });
  });
}
