import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../clusters/cluster.ts';
import { runProgram } from './program.ts';
import type { SetupStep } from './step.ts';

/** Builds the page into web/dist when its sources are newer than the build, by content: a checkout changes every time stamp. */
export function webBuild(project: string, { node, env }: { node: string; env: NodeJS.ProcessEnv }): SetupStep {
  const stamp = join(project, 'web/dist/.sources');
  return {
    title: 'building the page',
    isDone: async () => (await readFile(stamp, 'utf8').catch(() => '')) === (await sourcesDigest(project)),
    async run(detail, signal) {
      const vite = join(project, 'node_modules/vite/bin/vite.js');
      const options = { cwd: project, env: { ...env, NODE_ENV: 'production' }, signal, line: detail };
      const end = await runProgram(node, [vite, 'build', '--config', 'web/vite.config.ts'], options);
      if (end.exitCode !== 0) {
        throw new LabError(
          `The page could not be built:\n${end.output.trim().split('\n').slice(-12).join('\n')}`,
          'If you changed web/, mend what it says. Otherwise remove node_modules and run this again.',
        );
      }
      await writeFile(stamp, await sourcesDigest(project));
    },
  };
}

/** What the page is made of: its sources, the protocol it speaks, and the packages. */
async function sourcesDigest(project: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['web', 'protocol']) {
    const entries = await readdir(join(project, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('web/dist') && !entry.name.includes('.test.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(project.length)).update(await readFile(file));
  }
  return hash.update(await readFile(join(project, 'package-lock.json'))).digest('hex');
}
