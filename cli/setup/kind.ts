import { join } from 'node:path';
import { LabError } from '../../clusters/cluster.ts';
import { checkedKind, type KindProgram } from '../../clusters/kind/cli/kind-program.ts';
import { fetchPinnedKind, hasPinnedKind, pinnedKindPath } from '../../clusters/kind/cli/pinned-kind.ts';
import type { CommandContext } from '../context.ts';
import { findProgram } from './program.ts';
import type { SetupStep } from './step.ts';

const cacheOf = ({ cacheDirectory }: CommandContext): string => join(cacheDirectory, 'kind');

/** The kind that this machine's user has chosen: by BREACHLAB_KIND, else on PATH. Never another one in its stead. */
const chosenKind = ({ env, path }: CommandContext): string | undefined =>
  env['BREACHLAB_KIND'] ?? findProgram('kind', path);

/** Fetches the pinned kind where the machine has none. */
export const kindSetup = (context: CommandContext): SetupStep => ({
  title: 'fetching kind',
  isDone: async () => chosenKind(context) !== undefined || (await hasPinnedKind(cacheOf(context))),
  run: (detail, signal) =>
    fetchPinnedKind({ directory: cacheOf(context), architecture: context.architecture, detail, signal }),
});

/** The kind that labs are made with. Throws `LabError` where there is none, or none that serves. */
export async function kindProgram(context: CommandContext, signal: AbortSignal): Promise<KindProgram> {
  const chosen = chosenKind(context);
  if (chosen !== undefined) return checkedKind(chosen, context.env, signal);
  if (await hasPinnedKind(cacheOf(context))) return checkedKind(pinnedKindPath(cacheOf(context)), context.env, signal);
  throw new LabError(
    'There is no kind on this machine.',
    '`./breachlab up --backend kind` fetches it, or install kind 0.30 or newer.',
  );
}
