import { join } from 'node:path';
import { type Backend, LabError } from '../clusters/cluster.ts';
import { type SimulatedBackendOptions, simulatedBackend } from '../clusters/simulated/backend.ts';
import { BackendName } from '../protocol/scenario.ts';
import type { CommandContext } from './context.ts';

/** Where a lab's kubectl and helm are on this machine. */
export const clientPrograms = ({
  cacheDirectory,
  env,
}: CommandContext): Readonly<Record<'kubectl' | 'helm', string>> => ({
  kubectl: env['BREACHLAB_KUBECTL'] ?? join(cacheDirectory, 'clients', 'kubectl'),
  helm: env['BREACHLAB_HELM'] ?? join(cacheDirectory, 'clients', 'helm'),
});

/** The backend of that name. Throws `LabError` for one that this version does not have. */
export function backendOf(
  context: CommandContext,
  name: string,
  options: Partial<SimulatedBackendOptions> = {},
): Backend {
  const parsed = BackendName.safeParse(name);
  if (!parsed.success) throw new LabError(`There is no backend "${name}".`, 'Name one of: simulated, kind.');
  if (parsed.data === 'kind') {
    throw new LabError(
      'The kind backend is not part of this version yet.',
      'Leave out --backend, or say --backend simulated.',
    );
  }
  const { stderr } = context;
  return simulatedBackend({
    programs: clientPrograms(context),
    log: (line) => stderr.write(`breachlab: ${line}\n`),
    ...options,
  });
}
