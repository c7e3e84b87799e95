import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keys, screenOf } from '../../../test/contract/shell-screen.ts';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import { type ContainerLab, startContainerLab } from '../lab-fixture.ts';

/** What shells of every backend do: test/contract/shell-contract.ts. */
describe.skipIf(dockerIsMissing)(`a container's shell${whyNoDocker}`, () => {
  let lab: ContainerLab;
  beforeAll(async () => {
    lab = await startContainerLab(['workstation', 'bastion']);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const open = (session: string) => lab.on('workstation').openShell({ session, cols: 80, rows: 24 });

  test('shows again what was on the screen when it was detached', async () => {
    const shell = await open('second');
    const screen = screenOf(shell);
    await screen.shows('# ');
    // Between them a program asks the terminal what it is and where its cursor stands, which must not be asked again.
    await shell.write(keys('printf "kept-$((1+1))\\e[c\\e[6n\\n"; read line\r'));
    await screen.shows('kept-2');
    await shell[Symbol.asyncDispose]();
    const again = await open('second');
    const kept = await screenOf(again).shows('kept-2');
    for (const question of ['\u001B[c', '\u001B[6n']) expect(kept).not.toContain(question);
    await again.kill();
  });

  test('lives on when its server is killed, and is found by the next one', async () => {
    const { engine, socketPath } = lab.docker;
    const { id } = lab.container('workstation');
    const server = spawn(process.execPath, [ANOTHER_SERVER, socketPath, id], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(server.stdout, 'data')) as [Buffer];
    expect(String(said)).toBe('open\n');
    server.kill('SIGKILL');
    await once(server, 'exit');
    // Its relay ends; its holder, the shell and what runs in it go on.
    await expect.poll(async () => (await engine.docker.getContainer(id).inspect()).ExecIDs ?? []).toEqual([]);
    const shell = await open('of-another-server');
    expect(shell.resumed).toBe(true);
    await screenOf(shell).shows('from the other server');
    await shell.kill();
  });

  test('whose holder or container is killed ends as killed', async () => {
    const shell = await open('twelfth');
    shell.output.resume();
    const bastion = await lab.on('bastion').openShell({ session: 'one', cols: 80, rows: 24 });
    bastion.output.resume();
    await expect(lab.sh('workstation', 'pkill -9 -x breachlab')).rejects.toThrow('ended while it ran'); // its own too
    await expect(shell.exited).resolves.toBe(137);
    expect((await open('twelfth')).resumed).toBe(false);
    await lab.docker.engine.docker.getContainer(lab.container('bastion').id).remove({ force: true, v: true });
    await expect(bastion.exited).resolves.toBe(137);
  });
});

const ANOTHER_SERVER = fileURLToPath(new URL('server-to-kill.ts', import.meta.url));
