import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HOST_NAMES } from '../../../protocol/host.ts';
import { impossible, nursery, startTestLab, whyNot } from './host-fixture.ts';
import { Nursery } from './nursery.ts';
import { descendants, survivors } from './processes.ts';
import { startHosts } from './start-hosts.ts';

/** Undefined for a process that has ended meanwhile: some of a lab's live for a moment only. */
function processNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

describe.skipIf(impossible)(`the hosts of a lab${whyNot}`, () => {
  test('reach each other by name, and not another lab', async () => {
    await using lab = await startTestLab(HOST_NAMES);
    await using other = await startTestLab(['node01']);
    const server = await lab.on('node01').listen(8080);
    server.on('connection', (socket) => socket.end(`node01 sees ${socket.remoteAddress}`));
    const ask = 'exec 3<>/dev/tcp/node01/8080; cat <&3';
    await expect(lab.sh('workstation', ask)).resolves.toBe('node01 sees 10.10.0.5');
    await expect(lab.sh('bastion', ask)).resolves.toBe('node01 sees 10.10.0.20');
    await expect(lab.sh('internet', ask)).resolves.toBe('node01 sees 203.0.113.66');
    await expect(other.sh('node01', ask)).resolves.toContain('Connection refused');
    await expect(lab.sh('internet', 'getent hosts bastion')).resolves.toContain('203.0.113.20');
    await expect(lab.sh('node01', 'getent hosts bastion')).resolves.toContain('10.10.0.20');
    server.close();
  });

  test('start with their seed files, their name and an environment of their own', async () => {
    await using lab = await startTestLab(
      ['bastion'],
      [
        { host: 'bastion', path: '/opt/app/run.sh', content: Buffer.from('#!/bin/sh\necho ran\n'), mode: 0o750 },
        { host: 'node01', path: '/elsewhere', content: Buffer.from(''), mode: 0o600 },
      ],
    );
    await expect(lab.sh('bastion', '/opt/app/run.sh; stat -c %a /opt/app/run.sh; hostname')).resolves.toBe(
      'ran\n750\nbastion',
    );
    await expect(lab.sh('bastion', 'ls /elsewhere')).resolves.toContain('No such file');
    const environment = await lab
      .on('bastion')
      .exec(['env'], { signal: AbortSignal.timeout(5000), env: { ASKED: 'for' } });
    const names = String(environment.stdout)
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['ASKED', 'HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'USER']));
  });

  test('leave no process behind when they are disposed of', async () => {
    const before = descendants(process.pid).map(({ pid }) => pid);
    await using lab = await startTestLab(['node01', 'internet']);
    await lab.sh('node01', 'setsid sleep 1000 >/dev/null 2>&1 & disown');
    await lab.on('internet').openShell({ session: 'one', cols: 80, rows: 24 });
    const running = descendants(process.pid).filter(({ pid }) => !before.includes(pid));
    const namespaces = new Set(running.flatMap(({ pid }) => processNamespaceOf(pid) ?? []));
    expect(namespaces.size).toBe(3); // the lab's and two hosts'
    await lab[Symbol.asyncDispose]();
    expect(survivors(running)).toEqual([]);
  });

  test('say that they died when someone kills them', async () => {
    await using lab = await startTestLab(['node01']);
    const init = descendants(process.pid).find(({ command }) => command === '/sbin/init');
    process.kill(init?.pid ?? 0, 'SIGKILL');
    await expect(lab.set.died).resolves.toBe('host node01 died');
  });

  test('do not start once the caller has given up', async () => {
    await (await startTestLab([]))[Symbol.asyncDispose](); // the labs' parent stays
    const before = descendants(process.pid).length;
    const request = {
      lab: 'aaaaaaaaaa' as never,
      hosts: ['node01'] as const,
      nursery,
      files: [],
      progress: () => undefined,
      fault: () => undefined,
    };
    const giveUp = new AbortController();
    const starting = startHosts({ ...request, signal: giveUp.signal });
    giveUp.abort(new Error('changed my mind'));
    await expect(starting).rejects.toThrow('changed my mind');
    expect(descendants(process.pid)).toHaveLength(before);
  });

  test('say which program is missing, and leave nothing', async () => {
    const before = descendants(process.pid).length;
    const starting = startHosts({
      lab: 'aaaaaaaaaa' as never,
      hosts: ['node01'],
      nursery: new Nursery({ entries: [], programs: new Map([['kubectl', '/nowhere/kubectl']]) }),
      files: [],
      progress: () => undefined,
      fault: () => undefined,
      signal: AbortSignal.timeout(10_000),
    });
    await expect(starting).rejects.toThrow('mount none on /sys/programs/kubectl: No such file or directory');
    expect(descendants(process.pid)).toHaveLength(before);
  });

  test.skipIf(process.getuid?.() !== 0).each([
    ['the server is root, and the lab is not', 0, /^(19\d{8}|65534)$/],
    ['the server is an ordinary user', 65533, /^65533$/],
  ])('work, and are gone within a second of the server being killed, when %s', async (_, uid, expected) => {
    const script = new URL('as-user.ts', import.meta.url).pathname;
    const server = spawn(process.execPath, [script], { uid, gid: uid, stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { user, said } = JSON.parse(String(line)) as { user: number; said: string[] };
    expect(user).toBe(uid);
    expect(said.map((one) => one.replace(/\s+/g, ' '))).toEqual([
      'served',
      '5',
      expect.stringMatching(/^0 0 0 1(?: 1 1 65535)?$/),
      'timeout',
    ]);
    const all = descendants(server.pid ?? 0);
    const lab = all.filter(({ command }) => command !== 'breachlab-labs'); // which is the server's own
    const owners = new Set(
      lab.map(({ pid }) => /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    );
    expect(owners.size).toBe(1);
    expect([...owners][0]).toMatch(expected);
    server.kill('SIGKILL');
    await expect.poll(() => survivors(all), { timeout: 1000 }).toEqual([]);
  });
});
