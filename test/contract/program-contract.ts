import { expect, test } from 'vitest';
import { type HostsUnderTest, soon } from './hosts-under-test.ts';

/** `Host.exec`. */
export function programContract({ on, sh }: HostsUnderTest): void {
  const run = (argv: readonly string[], options: { cwd?: string; stdin?: Buffer; maxBytes?: number } = {}) =>
    on('workstation').exec(argv, { ...options, signal: soon() });

  test('runs without a shell, as root, with the input, folder and environment it is given', async () => {
    const script = 'cat; id -u; pwd; echo "$GREETING" "$1"; echo trouble >&2; exit 3';
    const options = { stdin: 'input\n', env: { GREETING: 'hello' }, cwd: '/tmp', signal: soon() };
    const argv = ['sh', '-c', script, '-', '$(reboot); *'];
    const { exitCode, stdout, stderr, truncated } = await on('workstation').exec(argv, options);
    expect({ exitCode, truncated, stdout: String(stdout), stderr: String(stderr) }).toEqual({
      exitCode: 3,
      truncated: false,
      stdout: 'input\n0\n/tmp\nhello $(reboot); *\n',
      stderr: 'trouble\n',
    });
    expect(String((await run(['printf', '%s|', '$HOME', 'a b', '', "'"])).stdout)).toBe("$HOME|a b||'|");
  });

  test('has none of the environment of this process', async () => {
    const { stdout } = await run(['env']);
    expect(String(stdout)).toContain('HOME=/root\n');
    expect(String(stdout)).not.toMatch(/VITEST|npm_|NODE_/);
  });

  test('takes and gives bytes as they are, megabytes of them, or takes none', async () => {
    const stdin = Buffer.alloc(3_000_000, Buffer.from([0, 255, 10, 13, 128]));
    expect((await run(['cat'], { stdin })).stdout.equals(stdin)).toBe(true);
    expect((await run(['true'], { stdin })).exitCode).toBe(0);
  });

  test('says no more than it may, and is not held up by that', async () => {
    const result = await run(['sh', '-c', 'head -c 3000000 /dev/zero; exit 5'], { maxBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 5, truncated: true });
    expect(result.stdout).toHaveLength(1000);
  });

  test('that is killed has 128 and the signal as its status', async () => {
    expect((await run(['sh', '-c', 'kill -9 $$'])).exitCode).toBe(137);
  });

  test('that ends before a busy server has looked at it is not lost', async () => {
    const runs = ['true', 'pwd'].map((program) => run([program], { stdin: Buffer.from('unread') }));
    // Longer than any of them takes: the server has written nothing to them yet, and read nothing.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    expect((await Promise.all(runs)).map(({ exitCode, stdout }) => [exitCode, String(stdout)])).toEqual([
      [0, ''],
      [0, '/root\n'],
    ]);
  });

  test('that does not exist, or has no such folder, is not started', async () => {
    await expect(run(['no-such-program'])).rejects.toThrow(
      'no-such-program could not be started in workstation: no-such-program: No such file or directory',
    );
    await expect(run(['true'], { cwd: '/nowhere' })).rejects.toThrow('chdir to /nowhere: No such file or directory');
    await expect(run(['echo', 'a\0b'])).rejects.toThrow('NUL');
  });

  test('is not started when its caller gave up before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(on('workstation').exec(['true'], { signal })).rejects.toThrow('too late');
  });

  test('that is aborted is gone with its children, also one in a session of its own', async () => {
    const giveUp = new AbortController();
    const argv = ['sh', '-c', 'sleep 7654 & setsid sleep 7654 & sleep 7654'];
    const waiting = on('workstation').exec(argv, { signal: giveUp.signal });
    waiting.catch(() => undefined);
    const running = () => sh('workstation', 'pgrep -fxc "sleep 7654"; true');
    await expect.poll(running).toBe('3');
    giveUp.abort(new Error('no longer needed'));
    await expect(waiting).rejects.toThrow('no longer needed');
    await expect.poll(running).toBe('0');
  });

  test('leaves daemons behind without being held up by them', async () => {
    expect((await run(['sh', '-c', 'setsid sleep 7655 &'])).exitCode).toBe(0);
    await expect(sh('workstation', 'sleep 7655 & echo done')).resolves.toBe('done');
    await expect(sh('workstation', 'pkill -c -f "^sleep 7655"')).resolves.toBe('2');
  });

  test('runs beside many others', async () => {
    const numbers = Array.from({ length: 40 }, (_, i) => String(i));
    expect(await Promise.all(numbers.map((number) => sh('workstation', `echo ${number}`)))).toEqual(numbers);
  });
}
