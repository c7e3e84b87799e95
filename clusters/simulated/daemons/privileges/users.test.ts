import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeedFile } from '../../../cluster.ts';
import { realClock } from '../../clock.ts';
import { impossible, startTestLab, whyNot, type TestLab } from '../../hosts/host-fixture.ts';
import { type Daemons, startDaemons } from '../start-daemons.ts';
import { Journal } from '../systemd/journal.ts';

const seed = (path: string, text: string, mode = 0o644): SeedFile => ({
  host: 'node01',
  path,
  content: Buffer.from(text),
  mode,
});
const hash = (password: string) => execFileSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).trim();
const OPS = { uid: 1000, gid: 1000, groups: [1000, 4, 27] };
const BOB = { uid: 1001, gid: 1001, groups: [1001] };

const oneUser = process.getuid?.() !== 0;
const why = whyNot || (oneUser ? ' (skipped: an ordinary server’s labs have one user)' : '');

describe.skipIf(impossible || oneUser)(`users of a host${why}`, () => {
  let lab: TestLab;
  let running: Daemons | undefined;
  beforeAll(async () => {
    lab = await startTestLab(
      ['node01'],
      [
        seed(
          '/etc/passwd',
          'root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000:Ops:/home/ops:/bin/bash\nbob:x:1001:1001:Bob:/home/bob:/bin/sh\n',
        ),
        seed('/etc/group', 'root:x:0:\nadm:x:4:ops\nsudo:x:27:ops\nshadow:x:42:\nops:x:1000:\nbob:x:1001:\n'),
        seed(
          '/etc/shadow',
          `root:*:20000:0:99999:7:::\nops:*:20000:0:99999:7:::\nbob:${hash('secret')}:20000:0:99999:7:::\n`,
          0o640,
        ),
        seed('/home/ops/.ssh/authorized_keys', '', 0o600),
        seed('/home/bob/note', 'bob’s\n', 0o600),
        seed('/etc/sudoers.d/bob', 'bob ALL = (ops) NOPASSWD: /usr/bin/id, (root) PASSWD: /usr/bin/id\n', 0o440),
      ],
    );
    running = await startDaemons({ host: lab.on('node01'), clock: realClock, journal: new Journal(realClock) });
  });
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  /** What a shell line of somebody says, on both streams, and its status unless it is 0. */
  async function as(user: typeof OPS, line: string): Promise<string> {
    const home = user === OPS ? '/home/ops' : '/home/bob';
    const program = await lab.on('node01').spawn(['bash', '-c', `exec 2>&1; ${line}`], {
      user,
      cwd: home,
      env: { HOME: home },
      signal: AbortSignal.timeout(20_000),
    });
    let said = '';
    program.stdout.on('data', (bytes: Buffer) => (said += String(bytes)));
    program.stdin.end();
    const status = await program.exited;
    await expect.poll(() => program.stdout.readableEnded).toBe(true);
    return `${said.trim()}${status === 0 ? '' : ` [status ${status}]`}`;
  }

  test('are themselves, with their groups and homes', async () => {
    expect(await as(OPS, 'id; pwd; touch mine; stat -c "%U %G %a" mine .ssh/authorized_keys .')).toBe(
      'uid=1000(ops) gid=1000(ops) groups=1000(ops),4(adm),27(sudo)\n/home/ops\nops ops 644\nops ops 600\nops ops 755',
    );
  });

  test.each([
    ['read the passwords', 'cat /etc/shadow'],
    ['read another’s files', 'cat /home/bob/note'],
    ['look into root’s home', 'ls /root'],
    ['write the system’s configuration', 'echo > /etc/hosts'],
    ['give away a file', 'touch f; chown bob f'],
    ['end another’s programs', 'kill 1'],
    ['change the firewall', 'nft add table inet mine'],
    [
      'call the lab as root',
      'perl -e \'socket(S,1,1,0); connect(S, pack("S a*",1,"/usr/local/lib/breachlab/socket\\0")) or die "$!\\n"\'',
    ],
  ])('cannot %s', async (_, line) => {
    expect(await as(OPS, line)).toMatch(/(?:Permission denied|Operation not permitted)[^]*\[status \d+\]$/);
  });

  test('may be become by root, and owners that root gives stay', async () => {
    expect(await lab.sh('node01', `su - bob -c 'id -un; pwd; echo $0'; su bob -c 'cat /home/bob/note'`)).toBe(
      'bob\n/home/bob\n-sh\nbob’s',
    );
    expect(
      await lab.sh('node01', 'touch /tmp/f; chown 4711:bob /tmp/f; stat -c "%u %G" /tmp/f; sudo -u bob id -un'),
    ).toBe('4711 bob\nbob');
  });

  test('become root by sudo where its rules let them, without a terminal', async () => {
    expect(await as(OPS, `sudo id -un; sudo -u bob sh -c 'id -un; echo $HOME $SUDO_USER'; echo in | sudo cat`)).toBe(
      'root\nbob\n/home/bob ops\nin',
    );
    expect(await as(OPS, `sudo sh -c 'echo err >&2; exit 3'`)).toBe('err [status 3]');
    expect(await as(OPS, 'sudo -i pwd; A=1 sudo B=2 env | grep -c "^[AB]="')).toBe('/root\n1');
    expect(await as(OPS, 'sudo nosuch')).toBe('sudo: nosuch: command not found [status 1]');
    expect(await as(BOB, 'sudo -u ops id -un')).toBe('ops');
    expect(await as(BOB, 'sudo -n id')).toBe('sudo: a password is required [status 1]');
    expect(await as(BOB, 'sudo -l')).toContain('    (ops) NOPASSWD: /usr/bin/id\n');
    await lab.sh('node01', 'rm /etc/sudoers.d/lab; gpasswd -d ops sudo || sed -i /^sudo/s/ops// /etc/group');
    expect(await as(OPS, 'sudo -n id')).toBe('sudo: a password is required [status 1]');
  });

  test('are asked for their password on a terminal, which does not show it', async () => {
    const type = async (argv: readonly string[], keys: readonly string[]) => {
      const size = { cols: 80, rows: 24, session: `typed-${argv.join('-').replaceAll(/\W/g, '')}` };
      await using shell = await lab.on('node01').openTerminal(argv, { ...size, user: BOB, cwd: '/home/bob' });
      let said = '';
      shell.output.on('data', (bytes: Buffer) => (said += String(bytes)));
      for (const [asked, key] of keys.entries()) {
        // What is typed before the question is asked is thrown away, as by the real ones.
        await expect.poll(() => said.split(/assword(?: for bob)?: /).length, { timeout: 5000 }).toBe(asked + 2);
        await shell.write(Buffer.from(`${key}\r`));
      }
      const status = await shell.exited;
      return `${said} [status ${status}]`;
    };
    expect(await type(['sudo', 'id', '-u'], ['wrong', 'secret'])).toMatch(
      /Sorry, try again\.[^]*\n0\r\n \[status 0\]$/,
    );
    expect(await type(['sudo', 'ls', '/root'], [])).toContain(
      "Sorry, user bob is not allowed to execute '/usr/bin/ls /root' as root on node01.",
    );
    expect(await type(['su', '-', 'bob', '-c', 'tty; id -un'], ['secret'])).toMatch(
      /\/dev\/pts\/\d+\r\nbob\r\n \[status 0\]$/,
    );
    expect(await type(['su'], ['guess'])).toContain('su: Authentication failure');
  });

  test('ask the daemons, and rule them only as root', async () => {
    expect(await as(OPS, 'systemctl is-system-running')).toMatch(/^(?:running|degraded)/);
    expect(await as(BOB, 'systemctl restart ssh')).toBe(
      "Failed to restart ssh.service: Interactive authentication required.\nSee system logs and 'systemctl status ssh.service' for details. [status 1]",
    );
    expect(await as(BOB, 'journalctl')).toContain('No journal files were opened due to insufficient permissions.');
    expect(await as(OPS, 'journalctl -n 1')).not.toContain('permissions');
    expect(await as(BOB, 'docker ps')).toContain('Cannot connect to the Docker daemon');
  });
});
