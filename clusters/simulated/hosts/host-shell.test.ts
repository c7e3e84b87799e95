import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, screenOf } from '../../../test/contract/shell-screen.ts';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

/** What shells of every backend do: test/contract/shell-contract.ts. */
describe.skipIf(impossible)(`a host's shell${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(['workstation']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('has the alias of the exam', async () => {
    const shell = await lab.on('workstation').openShell({ session: 'first', cols: 100, rows: 30 });
    const screen = screenOf(shell);
    await shell.write(keys('alias k\r'));
    await expect(screen.shows("alias k='kubectl'")).resolves.toContain('alias k');
    await shell.kill();
  });

  test('completes what a program takes at the first Tab', async () => {
    const shell = await lab.on('workstation').openShell({ session: 'completing', cols: 100, rows: 30 });
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('chown --refe\t'));
    await expect(screen.shows('--reference')).resolves.toContain('chown --reference');
    await shell.kill();
  });
});
