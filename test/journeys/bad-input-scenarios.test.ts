// oxlint-disable vitest/expect-expect -- the expectations are those of `complains`
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'vitest';
import { type CommandLine, PROJECT } from './command-line.ts';
import { commandLine, complains } from './complaint.ts';

/** What goes wrong for people: the scenarios that they write. */

let line: CommandLine;
beforeEach(async () => void (line = await commandLine()));

describe('a scenario that is broken', () => {
  const broken = async (change: (text: string) => string): Promise<readonly string[]> => {
    await cp(join(PROJECT, 'scenarios'), line.path('scratch', 'mine'), { recursive: true });
    const file = line.path('scratch', 'mine', 'breach', 'scenario.yaml');
    await writeFile(file, change(await readFile(file, 'utf8')));
    return ['--scenarios', 'mine'];
  };

  test.each([
    ['bad YAML', (text: string) => text.replace('title: Breach', 'title: "Breach'), /scenario\.yaml: .*(quote|line)/i],
    ['a key nobody knows', (text: string) => text.replace('minutes:', 'minuets:'), /scenario\.yaml: .*minuets/],
    [
      'an expectation that is no CEL',
      (text: string) => text.replace('expect: fact.login', 'expect: fact.login &&'),
      /ssh-keys-only\/ops-controlplane: expect/,
    ],
    ['another id', (text: string) => text.replace('id: breach', 'id: breech'), /the folder is "breach"/],
  ])('%s is told with its file and place, before anything is started', async (_, change, what) => {
    const scenarios = await broken(change);
    await complains(line, ['up', ...scenarios], { what, next: 'Correct the file of the scenario.' });
    await complains(line, ['verify', 'breach', ...scenarios], { what, next: 'Correct the file of the scenario.' });
  });

  test('a manifest that the cluster does not take is told by up itself', async () => {
    const scenarios = await broken((text) => text);
    const file = line.path('scratch', 'mine', 'breach', 'seed', 'manifests', '10-shop.yaml');
    await writeFile(file, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: Not_A_Name }\n');
    await complains(line, ['up', '--port', '0', ...scenarios], {
      what: /^The seed is not what the cluster takes: .*Not_A_Name/,
      next: /seed\/manifests/,
      shown: /^\n {2}Open {2}http/, // the page tells of it as well, as long as the server runs
    });
  });
});
