import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { CommandLine, type RunningCommand } from './command-line.ts';
import { survivors } from '../../clusters/simulated/hosts/processes.ts';
import { ourMounts } from './our-mounts.ts';

describe.skipIf(impossible)(`breachlab up${whyNot}`, () => {
  let line: CommandLine;
  beforeEach(async () => {
    line = await CommandLine.open();
  });
  afterEach(() => line[Symbol.asyncDispose]());

  const up = async (): Promise<{ server: RunningCommand; url: URL }> => {
    const server = line.start(['up', '--port', '0']);
    const [, url = ''] = await server.says(/Open {2}(\S+)\n/);
    await server.says(/^· the lab is ready$/m);
    return { server, url: new URL(url) };
  };

  test('prints what it does and a URL that opens the lab; Ctrl-C takes all of it down', async () => {
    const { server, url } = await up();
    const page = await fetch(url, { redirect: 'manual' });
    expect(page.status).toBeLessThan(400);
    expect(url.pathname).toMatch(/^\/labs\/[a-z0-9]{10}$/);
    const below = server.below();
    expect(below.length).toBeGreaterThan(5);
    server.kill('SIGINT');
    const { exitCode, stdout, stderr } = await server.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nTaking the lab down …\n$/);
    expect(stderr).toMatch(/^· starting the hosts …$/m);
    expect(survivors(below)).toEqual([]);
    expect(await line.leftBehind()).toEqual([]);
    expect(ourMounts()).toEqual([]);
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('a second one says where the first is, and other commands find it', async () => {
    const { server, url } = await up();
    const again = await line.run(['up']);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).toContain(`Your Breachlab is running already: ${url.origin}/?token=`);
    expect(again.stderr).toContain('→ Open that, or end it with Ctrl-C where it runs.');

    const lab = url.pathname.split('/').at(-1) ?? '';
    const list = await line.run(['lab', 'list', '--json']);
    expect(JSON.parse(list.stdout)).toMatchObject([{ id: lab, scenario: 'breach', status: { state: 'ready' } }]);
    const check = await line.run(['lab', 'check', lab, '--task', 'pod-security']);
    expect({ exitCode: check.exitCode, stderr: check.stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(check.stdout).toContain('A privileged pod in shop is allowed.');
    const gone = await line.run(['lab', 'delete', lab]);
    expect(gone).toMatchObject({ exitCode: 0, stdout: `${lab} is gone\n` });
    for (const [args, what] of [
      [['lab', 'check', lab], `There is no lab ${lab}.`],
      [['lab', 'show', 'my-lab'], 'There is no lab my-lab.'],
      [['lab', 'shell', 'my-lab'], 'There is no lab my-lab.'],
      [['lab', 'shell', lab, 'node02'], 'No lab has a machine node02.'],
    ] as const) {
      const { exitCode, stderr } = await line.run(args);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringMatching(/^breachlab: .*\n {2}→ .*\n$/),
      });
      expect(stderr).toContain(`breachlab: ${what}\n`);
    }
    server.kill('SIGTERM');
    expect((await server.ended).exitCode).toBe(0);
  });

  test('is killed: nothing of the lab is left a second later, and the next one starts as if nothing had been', async () => {
    const { server, url } = await up();
    const below = server.below();
    server.kill('SIGKILL');
    await expect.poll(() => survivors(below), { timeout: 1000 }).toEqual([]);
    expect(ourMounts()).toEqual([]);
    // Its note is still there, which nobody must take for a running server.
    expect(existsSync(line.path('data', 'server.json'))).toBe(true);
    const next = await up();
    const note = JSON.parse(await readFile(line.path('data', 'server.json'), 'utf8')) as { origin: string };
    expect(note.origin).toBe(next.url.origin);
    expect(next.url.pathname).not.toBe(url.pathname);
    // Pages that were open are signed in at the next server too.
    expect(next.url.search).toBe(url.search);
    next.server.kill('SIGINT');
    await next.server.ended;
  });
});
