import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

/** What programs of every backend's hosts do: test/contract/program-contract.ts. */
describe.skipIf(impossible)(`a host's programs${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(['node01']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const signal = AbortSignal.timeout(60_000);

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
