import { join } from 'node:path';
import type { Backend } from '../clusters/cluster.ts';
import type { CommandContext } from './context.ts';
import { serverId } from './server-id.ts';
import type { KindFlags } from './shared-options.ts';

/** Passed on to builds of images, by these names. */
const BUILD_ARGUMENTS = /^(?:(?:https?|no|all)_proxy|APT_MIRROR)$/i;

/**
 * The kind backend as a command has it. Labs of a server outlive it and are the next one's; those of any other command (`outlives` false)
 * are its own, known by its process, so that a later one can tell that they are nobody's any more. Throws `LabError` for bad flags.
 */
export async function kindBackendOf(
  context: CommandContext,
  { flags, helm, outlives }: { flags: KindFlags; helm: string; outlives: boolean },
): Promise<Backend> {
  const [{ kindBackend }, { parseImageChoices }, { socketPathOf }, { kindProgram }] = await Promise.all([
    import('../clusters/kind/backend.ts'),
    import('../clusters/kind/images/choices.ts'),
    import('../clusters/kind/docker/engine.ts'),
    import('./setup/kind.ts'),
  ]);
  const { env, dataDirectory, stderr, now, pid } = context;
  const choices = parseImageChoices({ images: flags.image ?? [], mirrors: flags.registryMirror ?? [] });
  const id = await serverId(context);
  const server = outlives ? id : `${id}-${pid}`;
  return kindBackend({
    kind: (signal) => kindProgram(context, signal),
    env,
    socketPath: socketPathOf(env['DOCKER_HOST']),
    server,
    isForsaken: (other) => isForsaken(other, id),
    directory: join(dataDirectory, 'kind', server),
    choices,
    helm,
    buildArguments: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value && BUILD_ARGUMENTS.test(name) ? [[name, value]] : [])),
    ),
    log: (line) => stderr.write(`breachlab: ${line}\n`),
    now,
  });
}

/** Whether labs are those of a command with this data directory whose process has ended. */
export function isForsaken(server: string, id: string): boolean {
  const pid = new RegExp(`^${id}-(\\d+)$`).exec(server)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
