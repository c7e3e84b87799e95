import { join } from 'node:path';
import { type Backend, LabError } from '../clusters/cluster.ts';
import type { SimulatedBackendOptions } from '../clusters/simulated/backend.ts';
import type { CommandContext } from './context.ts';
import type { Need } from './setup/needs.ts';
import type { KindFlags } from './shared-options.ts';

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
  readonly kind?: KindFlags;
  /** Whether labs stay when this process ends in whatever way, for the next server of this data directory to take over. */
  readonly outlives?: boolean;
}

/**
 * The backend of that name, ready to make labs: what was missing is set up. Throws `LabError` for a backend that there is not (before
 * anything is fetched), for what cannot be set up, and for a machine that cannot run labs.
 */
export async function readyBackend(context: CommandContext, request: BackendRequest): Promise<Backend> {
  const backend = await backendOf(context, request);
  const { provide } = await import('./setup/needs.ts');
  const isKind = backend.name === 'kind';
  if (isKind) await (await import('./kind-backend.ts')).mustHaveDocker(context);
  // Its machines are containers with programs of their own.
  await provide(isKind ? ['kind', ...request.needs.filter((need) => need !== 'hosts')] : request.needs, context);
  if (!isKind && !request.needs.includes('hosts')) return backend;
  const problems = (await backend.doctor(context.signal)).filter(({ severity }) => severity === 'error');
  // How many clusters a machine holds is an estimate, and those that a server is started to take over are counted in it.
  for (const { what, remedy } of problems.filter(({ estimated }) => estimated))
    context.stderr.write(`breachlab: ${what}\n  → ${remedy}\n`);
  const problem = problems.find(({ estimated }) => !estimated);
  if (problem !== undefined) throw new LabError(`This machine cannot run a lab: ${problem.what}.`, problem.remedy);
  return backend;
}

/** The backend of that name, whatever this machine lacks. Throws `LabError` for one that there is not, and for flags of another one. */
export async function backendOf(
  context: CommandContext,
  { name, options = {}, kind = {}, outlives = false }: Omit<BackendRequest, 'needs'>,
): Promise<Backend> {
  if (name === 'kind') {
    const { apiPort, tokenFile, apiServerFlags, nodes = true } = options;
    if (apiPort !== undefined || tokenFile !== undefined || apiServerFlags !== undefined || !nodes)
      throw new LabError(
        'How a cluster of kind is made is the scenario’s affair.',
        'Leave out --api-port, --token-file, --api-server-flag and --no-nodes, or say --backend simulated.',
      );
    const { kindBackendOf } = await import('./kind-backend.ts');
    return kindBackendOf(context, { flags: kind, helm: clientPrograms(context).helm, outlives });
  }
  if (name !== 'simulated') throw new LabError(`There is no backend "${name}".`, 'Say --backend simulated, or kind.');
  if (kind.image !== undefined || kind.registryMirror !== undefined)
    throw new LabError(
      'The simulated backend pulls no images.',
      'Leave out --image and --registry-mirror, or say --backend kind.',
    );
  // Half a second of modules, which no command needs before it makes a lab.
  const { simulatedBackend } = await import('../clusters/simulated/backend.ts');
  return simulatedBackend({
    programs: clientPrograms(context),
    log: (line) => context.stderr.write(`breachlab: ${line}\n`),
    ...options,
  });
}
