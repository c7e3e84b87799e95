import { join } from 'node:path';
import type { CommandContext } from '../context.ts';
import { HOST_PACKAGES, TEST_PACKAGES, debianPackages } from './debian-packages.ts';
import { CLIENT_ARCHIVE, kubernetesClients } from './kubernetes-clients.ts';
import { type SetupStep, progressOn, setUp } from './step.ts';
import { webBuild } from './web-build.ts';

/** What a command can need besides the npm packages, which the launcher has seen to. */
export type Need = 'hosts' | 'clients' | 'page' | 'browser';

export function stepsFor(needs: readonly Need[], context: CommandContext): readonly SetupStep[] {
  const { path, isRoot, env, node, project, cacheDirectory, architecture } = context;
  const packages = [
    ...(needs.includes('hosts') ? HOST_PACKAGES : []),
    ...(needs.includes('browser') ? TEST_PACKAGES : []),
  ];
  const steps: SetupStep[] = [];
  if (packages.length > 0) steps.push(debianPackages(packages, { path, isRoot, env }));
  const hasOwnClients = env['BREACHLAB_KUBECTL'] !== undefined && env['BREACHLAB_HELM'] !== undefined;
  if (needs.includes('clients') && !hasOwnClients) {
    const directory = join(cacheDirectory, 'clients');
    steps.push(kubernetesClients(directory, { archive: CLIENT_ARCHIVE, path, env, architecture }));
  }
  if (needs.includes('page')) steps.push(webBuild(project, { node, env }));
  return steps;
}

/** Sets up what is missing with progress on standard error; silent and quick when nothing is. */
export const provide = (needs: readonly Need[], context: CommandContext): Promise<void> =>
  setUp(stepsFor(needs, context), progressOn(context.stderr), context.now, context.signal);
