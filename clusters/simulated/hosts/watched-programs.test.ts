import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ObservedCall } from './observed-call.ts';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';
import type { ProgramOptions } from './simulated-host.ts';

describe.skipIf(impossible)(`what is done on a host${whyNot}`, () => {
  let lab: TestLab;
  const heard: ObservedCall[] = [];
  beforeAll(async () => {
    lab = await startTestLab(['node01', 'workstation']);
    lab.on('node01').hearPrograms((call) => heard.push(call));
  });
  beforeEach(() => void (heard.length = 0));
  afterAll(() => lab[Symbol.asyncDispose]());

  /** Runs a line as sshd does for somebody; resolves when all that is told of it has been heard. */
  async function run(line: string, options: Partial<ProgramOptions> = { login: 0 }): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    const program = await lab.on('node01').spawn(['sh', '-c', line], { signal, ...options });
    program.stdout.resume();
    program.stderr.resume();
    await program.exited;
  }
  const opened = () => heard.flatMap((call) => ('flags' in call ? [[call.path, call.error, call.isFolder]] : []));

  test('is heard with the program, its words and who is logged in', async () => {
    await run('cat /etc/shadow; true', { login: 33 });
    await expect.poll(opened).toContainEqual(['/etc/shadow', '', false]);
    const cat = heard.find((call) => call.type === 'execve' && call.argv[0] === 'cat');
    expect(cat).toMatchObject({
      path: '/usr/bin/cat',
      argv: ['cat', '/etc/shadow'],
      process: {
        uid: 0,
        cwd: '/root',
        pcmdline: 'sh -c cat /etc/shadow; true',
        names: ['sh', 'sh'],
        account: { user: 'root', home: '/root', shell: '/bin/bash', group: 'root', login: 33, loginName: 'www-data' },
      },
    });
    const [first] = heard;
    expect(first).toMatchObject({ type: 'execve', argv: ['sh', '-c', 'cat /etc/shadow; true'], process: { ppid: 0 } });
  });

  test('has the numbers that its processes have on the host', async () => {
    await run('echo $$ > /tmp/number; cat /tmp/number');
    const number = Number(await lab.sh('node01', 'cat /tmp/number'));
    await expect.poll(() => heard.find((call) => call.type === 'execve' && call.argv[0] === 'cat')).toBeDefined();
    const cat = heard.find((call) => call.type === 'execve' && call.argv[0] === 'cat');
    expect(cat).toMatchObject({ process: { ppid: number } });
    expect(heard[0]).toMatchObject({ process: { pid: number } });
  });

  test('tells of a file that is made as of a file, and not of folders that are listed', async () => {
    await run('ls /etc; echo > /etc/made');
    await expect.poll(opened).toContainEqual(['/etc/made', '', false]);
    expect(opened().map(([path]) => path)).not.toContain('/etc');
  });

  test('goes on with the process that took over from one that has ended', async () => {
    await run('(sh -c "while kill -0 $$; do :; done; cat /etc/hostname" &) 2>/dev/null');
    await expect.poll(opened).toContainEqual(['/etc/hostname', '', false]);
    const call = heard.find((one) => 'flags' in one && one.path === '/etc/hostname');
    expect(call).toMatchObject({ process: { names: ['cat', 'sh', 'init'] } });
  });

  test('is heard of terminals, and not of the lab’s own programs', async () => {
    await lab.sh('node01', 'cat /etc/shadow');
    await run('cat /etc/shadow', {});
    const shell = await lab.on('node01').openShell({ session: 'typed', cols: 80, rows: 24 });
    shell.output.resume();
    await shell.write(Buffer.from('cat /etc/hosts; exit\n'));
    expect(await shell.exited).toBe(0);
    await expect.poll(opened).toContainEqual(['/etc/hosts', '', false]);
    expect(opened().map(([path]) => path)).not.toContain('/etc/shadow');
    const cat = heard.find((call) => call.type === 'execve' && call.argv[0] === 'cat');
    expect(cat?.type === 'execve' && cat.process.tty).toBeGreaterThan(0);
  });

  test('is nobody’s concern where nobody watches', async () => {
    const shell = await lab.on('workstation').openShell({ session: 'unwatched', cols: 80, rows: 24 });
    shell.output.resume();
    await shell.write(Buffer.from('grep Seccomp_filters /proc/self/status > /tmp/filters; exit\n'));
    await shell.exited;
    const filters = await lab.sh('workstation', 'cat /tmp/filters');
    expect(filters).toBe(await lab.sh('node01', 'grep Seccomp_filters /proc/self/status'));
    expect(heard).toEqual([]);
  });
});
