import { createHash } from 'node:crypto';
import type { Shell } from '../../cluster.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

/** Collects what a shell shows until a text has come. */
function screenOf(shell: Shell) {
  let shown = '';
  let length = 0;
  let look = () => {};
  shell.output.on('data', (bytes: Buffer) => {
    length += bytes.length;
    shown = `${shown}${String(bytes)}`.slice(-20_000);
    look();
  });
  return {
    text: () => shown,
    length: () => length,
    async shows(expected: string): Promise<string> {
      return new Promise((resolve) => {
        look = () => {
          if (shown.includes(expected)) resolve(shown);
        };
        look();
      });
    },
  };
}

const keys = (text: string) => Buffer.from(text);

describe.skipIf(impossible)(`a host's shell${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(['workstation']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const open = (session: string, cols = 80, rows = 24) => lab.on('workstation').openShell({ session, cols, rows });

  test('is an interactive bash on a terminal of the given size, with the prompt of the exam', async () => {
    const shell = await open('first', 100, 30);
    const screen = screenOf(shell);
    await screen.shows('root@workstation:~# ');
    await shell.write(keys('stty size; tty; alias k\r'));
    await screen.shows("alias k='kubectl'");
    expect(screen.text()).toContain('30 100\r\n/dev/pts/');
    shell.resize(120, 40);
    await shell.write(keys('stty size\r'));
    await screen.shows('40 120');
    expect(shell.resumed).toBe(false);
    await shell.kill();
  });

  test('survives a detach, and keeps what was shown meanwhile', async () => {
    const shell = await open('second');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('here=remembered; echo waiting-$((1+1)); read line; echo later $here\r'));
    await screen.shows('waiting-2');
    await shell[Symbol.asyncDispose]();
    const again = await open('second');
    const screenAgain = screenOf(again);
    expect(again.resumed).toBe(true);
    await again.write(keys('\r'));
    await screenAgain.shows('later remembered');
    await again.kill();
  });

  test('tells its exit status, then starts anew under the same name', async () => {
    const shell = await open('third');
    shell.output.resume();
    await shell.write(keys('exit 7\r'));
    await expect(shell.exited).resolves.toBe(7);
    const next = await open('third');
    expect(next.resumed).toBe(false);
    await next.kill();
    await expect(next.exited).resolves.toBe(129 + 8); // SIGKILL
  });

  test('interrupts with a key, and ends with all it started when it is killed', async () => {
    const shell = await open('fourth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('sleep 8001\r'));
    await screen.shows('sleep 8001');
    await expect.poll(() => lab.sh('workstation', 'pgrep -c "^sleep"')).toBe('1');
    await shell.write(keys('\u0003'));
    await expect.poll(() => lab.sh('workstation', 'pgrep -c "^sleep"')).toBe('0 [status 1]');
    await shell.write(keys('sleep 8002 &\r(trap "" HUP; sleep 8003) &\r'));
    await expect.poll(() => lab.sh('workstation', 'pgrep -c "^sleep"')).toBe('2');
    await shell.kill();
    await expect(lab.sh('workstation', 'pgrep -c "^sleep"')).resolves.toBe('0 [status 1]');
  });

  test('holds up a program whose output nobody takes', async () => {
    const shell = await open('fifth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    shell.output.pause();
    await shell.write(keys('head -c 20000000 /dev/zero | tr "\\0" x; echo; echo all-$((1+1))\r'));
    await expect.poll(() => lab.sh('workstation', 'pgrep -c "^tr"')).toBe('1');
    // With nobody reading it stays; with a reader it gets done.
    await expect(lab.sh('workstation', 'sleep 0.2; pgrep -c "^tr"')).resolves.toBe('1');
    shell.output.resume();
    await screen.shows('all-2');
    expect(screen.length()).toBeGreaterThan(20_000_000);
    await shell.kill();
  });

  test('takes a paste of half a megabyte, waiting for the program to read it', async () => {
    const shell = await open('sixth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('stty raw -echo; echo raw-$((1+1)); head -c 500000 | md5sum; stty sane\r'));
    await screen.shows('raw-2');
    const paste = Buffer.alloc(500_000, 'abcdefghij');
    await shell.write(paste);
    const sum = createHash('md5').update(paste).digest('hex');
    await expect(screen.shows(sum)).resolves.toContain(sum);
    await shell.kill();
  });

  test('refuses a session name that is not one', async () => {
    await expect(open('../escape')).rejects.toThrow('a session is named by letters and digits');
  });
});
