import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SuiteResult } from './suite-result.ts';

export interface TranscriptRun {
  readonly fixtures: string;
  /** `cases` or `cases-running`. */
  readonly set: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Sessions at once: kubectl takes most of the time, and two cores serve both sides. */
const JOBS = 2;

/** The last line that `run.mjs compare --json` prints. */
const Totals = z.looseObject({ commands: z.object({ identical: z.number(), total: z.number() }) });

/** Replays recorded kubectl sessions with the fixtures' own runner and counts the commands that are answered identically. */
export async function transcriptConformance(run: TranscriptRun): Promise<SuiteResult> {
  const { fixtures, set, kubeconfig, kubectl, node, env, signal } = run;
  const folder = join(fixtures, 'transcripts');
  const suite = `transcripts/${set}`;
  if (!existsSync(join(folder, set)))
    return { suite, passed: 0, total: 1, misses: [{ name: set, reason: 'there are no such fixtures' }] };
  const args = [join(folder, 'run.mjs'), 'compare', '--kubeconfig', kubeconfig, '--kubectl', kubectl];
  const output = await outputOf(
    node,
    [...args, '--cases', join(folder, set), '--jobs', String(JOBS), '--json'],
    env,
    signal,
  );
  return transcriptResult(suite, output);
}

/**
 * Reads the runner's report: for each case that differs a `FAIL` line, each differing command six columns in, its diff eight
 * columns in, and the totals as JSON on the last line.
 */
function transcriptResult(suite: string, output: string): SuiteResult {
  const lines = output.trimEnd().split('\n');
  const { commands } = Totals.parse(JSON.parse(lines.at(-1) ?? ''));
  const misses: { name: string; reason: string }[] = [];
  let current = '';
  for (const line of lines) {
    const failed = /^FAIL {2}(\S+)/.exec(line)?.[1];
    const command = /^ {6}(\S.*)/.exec(line)?.[1];
    const difference = /^ {8}(\S.*)/.exec(line)?.[1];
    if (failed !== undefined) current = failed;
    else if (command !== undefined) misses.push({ name: `${current}: ${command}`, reason: '' });
    else if (difference !== undefined) {
      const miss = misses.at(-1);
      if (miss !== undefined) miss.reason += miss.reason === '' ? difference : `\n${difference}`;
    }
  }
  return { suite, passed: commands.identical, total: commands.total, misses };
}

function outputOf(node: string, args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { env, signal, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
