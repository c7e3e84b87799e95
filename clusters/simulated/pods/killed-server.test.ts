import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';

/** Processes by their parents, as the machine sees them. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) parents.set(pid, parent);
  }
  const below = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || below(parent));
  };
  return [...parents.keys()].filter(below);
}

function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined; // it has ended
  }
}

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
    // The supervisor's two, the pod's container and its placeholder, and what is executed there.
    expect(lab.length).toBeGreaterThanOrEqual(5);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const left = (): number[] => lab.filter((pid) => parentOf(pid) !== undefined);
    await expect.poll(left, { timeout: 1000 }).toEqual([]);
  });
});
