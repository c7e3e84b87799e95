import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

describe.skipIf(impossible)(`a host's programs${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(['node01']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const signal = AbortSignal.timeout(60_000);

  test('get arguments as they are, without a shell', async () => {
    const result = await lab.on('node01').exec(['printf', '%s|', '$HOME', 'a b', '', "'"], { signal });
    expect(String(result.stdout)).toBe("$HOME|a b||'|");
  });

  test('are told from each other by streams, status and signal', async () => {
    const script = 'echo out; echo err >&2; exit 3';
    const result = await lab.on('node01').exec(['sh', '-c', script], { signal, cwd: '/tmp' });
    expect({ ...result, stdout: String(result.stdout), stderr: String(result.stderr) }).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
    const killed = await lab.on('node01').exec(['sh', '-c', 'kill -9 $$'], { signal });
    expect(killed.exitCode).toBe(137);
  });

  test('read standard input, however long, to its end', async () => {
    const input = Buffer.alloc(3_000_000, 'a');
    const counted = await lab.on('node01').exec(['wc', '-c'], { signal, stdin: input });
    expect(String(counted.stdout).trim()).toBe('3000000');
    const ignored = await lab.on('node01').exec(['true'], { signal, stdin: input });
    expect(ignored.exitCode).toBe(0);
  });

  test('write no more than the caller will keep', async () => {
    const result = await lab.on('node01').exec(['head', '-c', '5000000', '/dev/zero'], { signal, maxBytes: 1000 });
    expect(result).toMatchObject({ exitCode: 0, truncated: true });
    expect(result.stdout).toHaveLength(1000);
  });

  test('that end before a busy server has looked at them are not lost', async () => {
    const runs = ['true', 'pwd'].map((program) => lab.on('node01').exec([program], { signal, stdin: 'unread' }));
    // Longer than any of them takes: the server has written nothing to their sockets yet, and read nothing.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    expect((await Promise.all(runs)).map(({ exitCode, stdout }) => [exitCode, String(stdout)])).toEqual([
      [0, ''],
      [0, '/root\n'],
    ]);
  });

  test('that do not exist, or have no such folder, are refused with the reason', async () => {
    await expect(lab.on('node01').exec(['nonsuch'], { signal })).rejects.toThrow('nonsuch: No such file or directory');
    await expect(lab.on('node01').exec(['true'], { signal, cwd: '/nowhere' })).rejects.toThrow(
      'chdir to /nowhere: No such file',
    );
  });

  test('end with all they started when the caller gives up', async () => {
    const giveUp = new AbortController();
    const running = lab
      .on('node01')
      .exec(['sh', '-c', 'sleep 7001 & setsid sleep 7002 & touch /tmp/started; sleep 7003'], { signal: giveUp.signal });
    const started = Promise.withResolvers<void>();
    using _watch = await lab.on('node01').watch('/tmp/started', started.resolve);
    if ((await lab.on('node01').readFile('/tmp/started', { maxBytes: 1 })).outcome === 'absent') await started.promise;
    giveUp.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect.poll(() => lab.sh('node01', 'pgrep -c "^sleep"')).toBe('0 [status 1]');
  });

  test('that leave a daemon behind do not hold up their caller', async () => {
    await expect(lab.sh('node01', 'sleep 60 & echo done')).resolves.toBe('done');
    await lab.sh('node01', 'pkill sleep');
  });

  test('run many at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => lab.sh('node01', `echo ${i}`)));
    expect(all).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  });

  test('that are modelled get the whole call and answer with output and status', async () => {
    await lab.on('node01').installCommand('crictl', async (call) => {
      const input = await text(call.stdin);
      await call.stdout(
        JSON.stringify({
          host: call.host,
          args: call.args,
          cwd: call.cwd,
          env: call.env,
          columns: call.columns,
          input,
        }),
      );
      await call.stderr('warned');
      return 4;
    });
    const result = await lab.on('node01').exec(['sh', '-c', 'echo in | crictl ps "a b"'], {
      signal,
      cwd: '/tmp',
      env: { KUBECONFIG: '/root/k', SECRET: 'x', LC_ALL: 'C' },
    });
    expect(JSON.parse(String(result.stdout))).toEqual({
      host: 'node01',
      args: ['ps', 'a b'],
      cwd: '/tmp',
      env: { KUBECONFIG: '/root/k', LC_ALL: 'C' },
      input: 'in\n',
    });
    expect(String(result.stderr)).toBe('warned');
    expect(result.exitCode).toBe(4);
  });

  test('that are modelled leave standard input alone unless they want it', async () => {
    await lab.on('node01').installCommand('quiet', () => Promise.resolve(0));
    await expect(lab.sh('node01', 'printf "a\\nb\\n" | while read line; do quiet; echo $line; done')).resolves.toBe(
      'a\nb',
    );
  });

  test('that are modelled hear when their caller is interrupted', async () => {
    const aborted = Promise.withResolvers<unknown>();
    await lab.on('node01').installCommand('follow', async (call) => {
      await call.stdout('following\n');
      call.signal.addEventListener('abort', () => aborted.resolve(call.signal.reason));
      await aborted.promise;
      await expect(call.stdout('more')).rejects.toThrow('the caller of this command is gone');
      return 0;
    });
    await expect(lab.sh('node01', 'timeout -s INT 0.2 follow')).resolves.toBe('following [status 124]');
    await expect(aborted.promise).resolves.toBeInstanceOf(Error);
  });

  test('that are modelled write much without holding it all in memory', async () => {
    await lab.on('node01').installCommand('flood', async (call) => {
      for (let i = 0; i < 100; i += 1) await call.stdout(Buffer.alloc(100_000, 'x'));
      return 0;
    });
    await expect(lab.sh('node01', 'flood | wc -c')).resolves.toBe('10000000');
    await expect(lab.sh('node01', 'flood | head -c 5')).resolves.toBe('xxxxx');
  });

  test('cannot confuse the lab with what they write to the command socket', async () => {
    const socket = '/usr/local/lib/breachlab/socket';
    await lab.sh('node01', `head -c 100000 /dev/urandom | timeout 5 curl -s --unix-socket ${socket} -T - http://x/`);
    const connect = `perl -e 'socket($s, 1, 1, 0); connect($s, pack("S a*", 1, "${socket}\\0")) or die; `;
    await lab.sh('node01', `${connect} syswrite($s, pack("CN", 0, 0xffffffff)); sysread($s, $x, 1)'`);
    await lab.sh('node01', `${connect} syswrite($s, pack("CNN", 0, 4, 0xffff)); sysread($s, $x, 1)'`);
    await expect(lab.sh('node01', 'quiet; echo $?')).resolves.toBe('0');
  });
});
