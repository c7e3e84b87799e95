import { join } from 'node:path';
import { type Backend, LabError } from '../clusters/cluster.ts';
import type { SimulatedBackendOptions } from '../clusters/simulated/backend.ts';
import type { CommandContext } from './context.ts';
import type { Need } from './setup/needs.ts';

/** Where a lab's kubectl and helm are on this machine. */
export const clientPrograms = ({
  cacheDirectory,
  env,
}: CommandContext): Readonly<Record<'kubectl' | 'helm', string>> => ({
  kubectl: env['BREACHLAB_KUBECTL'] ?? join(cacheDirectory, 'clients', 'kubectl'),
  helm: env['BREACHLAB_HELM'] ?? join(cacheDirectory, 'clients', 'helm'),
});

export interface BackendRequest {
  readonly name: string;
  /** What is set up before the first lab. With `hosts`, this machine is asked first whether it can run them. */
  readonly needs: readonly Need[];
  readonly options?: Partial<SimulatedBackendOptions>;
}

/**
 * The backend of that name, ready to make labs: what was missing is set up. Throws `LabError` for a backend that this version does not
 * have (before anything is fetched), for what cannot be set up, and for a machine that cannot run labs.
 */
export async function readyBackend(context: CommandContext, request: BackendRequest): Promise<Backend> {
  const backend = await backendOf(context, request.name, request.options);
  const { provide } = await import('./setup/needs.ts');
  await provide(request.needs, context);
  if (!request.needs.includes('hosts')) return backend;
  const problem = (await backend.doctor(context.signal)).find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw new LabError(`This machine cannot run a lab: ${problem.what}.`, problem.remedy);
  return backend;
}

/** The backend of that name, whatever this machine lacks. Throws `LabError` for one that this version does not have. */
export async function backendOf(
  context: CommandContext,
  name: string,
  options: Partial<SimulatedBackendOptions> = {},
): Promise<Backend> {
  if (name === 'kind') {
    throw new LabError(
      'The kind backend is not part of this version yet.',
      'Leave out --backend, or say --backend simulated.',
    );
  }
  if (name !== 'simulated') throw new LabError(`There is no backend "${name}".`, 'Say --backend simulated.');
  // Half a second of modules, which no command needs before it makes a lab.
  const { simulatedBackend } = await import('../clusters/simulated/backend.ts');
  return simulatedBackend({
    programs: clientPrograms(context),
    log: (line) => context.stderr.write(`breachlab: ${line}\n`),
    ...options,
  });
}
