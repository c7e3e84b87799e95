import { join } from 'node:path';
import type { Backend } from '../clusters/cluster.ts';
import type { CommandContext } from './context.ts';
import { serverId } from './server-id.ts';
import type { KindFlags } from './shared-options.ts';

/** Passed on to builds of images, by these names. */
const BUILD_ARGUMENTS = /^(?:(?:https?|no|all)_proxy|APT_MIRROR)$/i;

/** What of the environment decides where builds of images download from. */
export const buildArgumentsOf = (env: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value && BUILD_ARGUMENTS.test(name) ? [[name, value]] : [])),
  );

/** What this machine makes clusters with. Throws `LabError` for bad flags. */
export async function kindMachinery(context: CommandContext, flags: KindFlags) {
  const [{ parseImageChoices }, { socketPathOf }, { kindProgram }] = await Promise.all([
    import('../clusters/kind/images/choices.ts'),
    import('../clusters/kind/docker/engine.ts'),
    import('./setup/kind.ts'),
  ]);
  const { env } = context;
  return {
    kind: (signal: AbortSignal) => kindProgram(context, signal),
    env,
    socketPath: socketPathOf(env['DOCKER_HOST']),
    choices: parseImageChoices({ images: flags.image ?? [], mirrors: flags.registryMirror ?? [] }),
  };
}

/**
 * The kind backend as a command has it. Labs of a server outlive it and are the next one's; those of any other command (`outlives` false)
 * are its own, known by its process, so that a later one can tell that they are nobody's any more. Throws `LabError` for bad flags.
 */
export async function kindBackendOf(
  context: CommandContext,
  { flags, helm, outlives }: { flags: KindFlags; helm: string; outlives: boolean },
): Promise<Backend> {
  const [{ kindBackend }, machinery] = await Promise.all([
    import('../clusters/kind/backend.ts'),
    kindMachinery(context, flags),
  ]);
  const { env, dataDirectory, stderr, now, pid } = context;
  return kindBackend({
    ...machinery,
    async server() {
      const id = await serverId(context);
      return outlives ? id : `${id}-${pid}`;
    },
    isForsaken,
    directory: join(dataDirectory, 'kind', outlives ? 'server' : String(pid)),
    helm,
    buildArguments: buildArgumentsOf(env),
    log: (line) => stderr.write(`breachlab: ${line}\n`),
    now,
  });
}

/** Before anything is fetched. Throws `LabError` where Docker is not there, or not for this user. */
export async function mustHaveDocker({ env, signal }: CommandContext): Promise<void> {
  const { connectEngine, socketPathOf } = await import('../clusters/kind/docker/engine.ts');
  await connectEngine({ socketPath: socketPathOf(env['DOCKER_HOST']) }, signal);
}

/** Whether labs are those of a command with our data directory whose process has ended. `own` is our own id, with a process or without. */
export function isForsaken(other: string, own: string): boolean {
  const [id, pid] = other.split('-');
  if (id !== own.split('-')[0] || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
