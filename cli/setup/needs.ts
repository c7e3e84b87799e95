import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../clusters/cluster.ts';
import type { CommandContext } from '../context.ts';
import { HOST_PACKAGES, TEST_PACKAGES, debianPackages } from './debian-packages.ts';
import { kindSetup } from './kind.ts';
import { CLIENT_ARCHIVE, kubernetesClients } from './kubernetes-clients.ts';
import { type SetupStep, progressOn, setUp } from './step.ts';
import { webBuild } from './web-build.ts';

/** What a command can need besides the npm packages, which the launcher has seen to. */
export type Need = 'hosts' | 'clients' | 'kind' | 'page' | 'browser';

export function stepsFor(needs: readonly Need[], context: CommandContext): readonly SetupStep[] {
  const { path, isRoot, env, node, project, cacheDirectory, architecture } = context;
  const packages = [
    ...(needs.includes('hosts') ? HOST_PACKAGES : []),
    ...(needs.includes('browser') ? TEST_PACKAGES : []),
  ];
  const steps: SetupStep[] = [];
  if (packages.length > 0) steps.push(debianPackages(packages, { path, isRoot, env }));
  const own = [env['BREACHLAB_KUBECTL'], env['BREACHLAB_HELM']].filter((file) => file !== undefined);
  if (needs.includes('clients')) steps.push(...own.map(ownClient));
  if (needs.includes('clients') && own.length < 2) {
    const directory = join(cacheDirectory, 'clients');
    steps.push(kubernetesClients(directory, { archive: CLIENT_ARCHIVE, path, env, architecture }));
  }
  if (needs.includes('kind')) steps.push(kindSetup(context));
  if (needs.includes('page')) steps.push(webBuild(project, { node, env }));
  return steps;
}

/** A program that its user names by BREACHLAB_KUBECTL or BREACHLAB_HELM: there is nothing to set up, but it may be missing. */
const ownClient = (file: string): SetupStep => ({
  title: `looking for ${file}`,
  isDone: () =>
    access(file, constants.X_OK).then(
      () => true,
      () => false,
    ),
  run() {
    throw new LabError(
      `There is no program ${file}.`,
      'Correct BREACHLAB_KUBECTL and BREACHLAB_HELM, or unset both to have them fetched.',
    );
  },
});

/** Sets up what is missing with progress on standard error; silent and quick when nothing is. */
export const provide = (needs: readonly Need[], context: CommandContext): Promise<void> =>
  setUp(stepsFor(needs, context), progressOn(context.stderr), context.now, context.signal);
