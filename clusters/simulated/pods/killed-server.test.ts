import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { descendants, survivors } from '../hosts/processes.ts';

describe.skipIf(impossible)(`pods${whyNot}`, () => {
  const itself = process.getuid?.() ?? 0;
  const servers: readonly (readonly [string, number])[] = [
    ['the server is who runs the tests', itself],
    ...(itself === 0 ? [['the server is an ordinary user', 65533] as const] : []),
  ];
  test.each(servers)('leave no process behind when the server is killed, and %s', async (_, uid) => {
    const script = new URL('server-to-kill.ts', import.meta.url).pathname;
    const options = uid === itself ? {} : { uid, gid: uid };
    const server = spawn(process.execPath, [script], { ...options, stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
    const [said] = (await once(server.stdout, 'data')) as [Buffer];
    expect(String(said).trim()).toBe('1000');
    const lab = descendants(server.pid ?? 0);
    // The supervisor and its parent, the pod's container and its placeholder, and what is executed there.
    expect(lab.length).toBeGreaterThanOrEqual(5);
    server.kill('SIGKILL');
    await once(server, 'exit');
    await expect.poll(() => survivors(lab), { timeout: 1000 }).toEqual([]);
  });
});
