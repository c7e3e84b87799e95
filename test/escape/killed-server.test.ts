import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { descendants } from '../../clusters/simulated/hosts/processes.ts';
import { SERVER_USERS } from './lab-of-user.ts';

/** Namespaces that a machine's processes are in, of the kinds that a lab makes, by process; one that has ended has none. */
function namespaces(): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      const kinds = ['user', 'mnt', 'net', 'pid', 'ipc', 'uts'];
      found.set(
        pid,
        kinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`)),
      );
    } catch {
      // It has ended, or is not to be looked at.
    }
  }
  return found;
}

/** Where a lab mounts what is its own, as this machine sees it; others may mount elsewhere meanwhile. */
const mounts = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => /^(\S+ ){4}(\/sys|\/sys\/(lab|programs)\S*|\S*breachlab\S*) /.test(line));

describe.skipIf(impossible)(`a whole lab in use${whyNot}`, () => {
  test.each(SERVER_USERS)(
    'is gone with its namespaces and mounts a second after its server was killed, which is %s',
    async (_, uid) => {
      const [before, mountsBefore] = [new Set([...namespaces().values()].flat()), mounts()];
      const script = new URL('killed-server.ts', import.meta.url).pathname;
      const options = uid === process.getuid?.() ? {} : { uid, gid: uid };
      const server = spawn(process.execPath, [script], { ...options, stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
      const [said] = (await once(server.stdout, 'data')) as [Buffer];
      expect(String(said)).toBe('in use\n');
      // Other tests' labs come and go meanwhile: ours are those of the server's own session tree.
      const tree = descendants(server.pid ?? 0);
      const all = namespaces();
      const made = new Set(tree.flatMap(({ pid }) => all.get(pid) ?? []).filter((name) => !before.has(name)));
      expect(made.size).toBeGreaterThan(30); // six kinds for the lab and for each of its five hosts
      server.kill('SIGKILL');
      await once(server, 'exit');
      const left = () => [...namespaces()].filter(([, names]) => names.some((name) => made.has(name)));
      await expect.poll(left, { timeout: 1000 }).toEqual([]);
      expect(mounts()).toEqual(mountsBefore);
    },
    60_000,
  );
});
