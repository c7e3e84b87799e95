import { describe, expect, test } from 'vitest';
import { type AccountFiles, mergeAccounts, people } from './accounts.ts';

const MACHINE: AccountFiles = {
  passwd: [
    'root:x:0:0:root:/root:/bin/bash',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'systemd-timesync:x:101:101::/:/usr/sbin/nologin',
    'sshd:x:997:65534:sshd user:/run/sshd:/usr/sbin/nologin',
    '',
  ].join('\n'),
  group: ['root:x:0:', 'sudo:x:27:', 'docker:x:990:admin', 'kube:x:996:', ''].join('\n'),
  shadow: ['root:*:20000:0:99999:7:::', 'sshd:!*:20000::::::', ''].join('\n'),
  gshadow: ['root:*::', 'sudo:*::', 'docker:!::admin', 'kube:!::', ''].join('\n'),
};

const line = (content: string, name: string): string | undefined =>
  content.split('\n').find((text) => text.startsWith(`${name}:`));

const merged = (scenario: Partial<AccountFiles>): AccountFiles => mergeAccounts(MACHINE, scenario);

describe('accounts', () => {
  test('stay as they are where the scenario says nothing', () => {
    expect(merged({})).toEqual(MACHINE);
  });

  test('are the same when the scenario is laid over them once more', () => {
    const scenario = {
      passwd: 'ops:x:1000:1000:Operations:/home/ops:/bin/bash\nmessagebus:x:101:107::/:/usr/sbin/nologin\n',
      group: 'sudo:x:27:ops\nmessagebus:x:996:\nops:x:1000:\n',
      shadow: 'ops:$6$x:19800:0:99999:7:::\n',
    };
    const once = merged(scenario);
    expect(mergeAccounts(once, scenario)).toEqual(once);
  });

  test('of the machine that the scenario does not name are kept', () => {
    expect(line(merged({ passwd: 'root:x:0:0:root:/root:/bin/bash\n' }).passwd, 'systemd-timesync')).toBeDefined();
  });

  test("keep the machine's number, and take the scenario's home and shell", () => {
    const { passwd } = merged({ passwd: 'sshd:x:101:65534::/run/sshd:/bin/bash\n' });
    expect(line(passwd, 'sshd')).toBe('sshd:x:997:65534::/run/sshd:/bin/bash');
  });

  test('become root where the scenario says so: a second root is a back door', () => {
    expect(line(merged({ passwd: 'www-data:x:0:0::/root:/bin/bash\n' }).passwd, 'www-data')).toBe(
      'www-data:x:0:0::/root:/bin/bash',
    );
    expect(line(merged({ passwd: 'toor:x:0:0::/root:/bin/bash\n' }).passwd, 'toor')).toBe(
      'toor:x:0:0::/root:/bin/bash',
    );
  });

  test.each([
    ['ops:x:1000:1000::/home/ops:/bin/bash', 'ops:x:1000:1000::/home/ops:/bin/bash'],
    ['messagebus:x:101:65534::/:/usr/sbin/nologin', 'messagebus:x:999:65534::/:/usr/sbin/nologin'],
  ])('that are new, as %s, become %s', (wanted, got) => {
    const name = wanted.split(':')[0] ?? '';
    expect(line(merged({ passwd: `${wanted}\n` }).passwd, name)).toBe(got);
  });

  test('whose group gets another number follow it', () => {
    const { passwd, group } = merged({
      passwd: 'messagebus:x:100:996::/:/usr/sbin/nologin\n',
      group: 'messagebus:x:996:\n',
    });
    expect(line(group, 'messagebus')).toBe('messagebus:x:999:');
    expect(line(passwd, 'messagebus')).toBe('messagebus:x:100:999::/:/usr/sbin/nologin');
  });

  test('have the password that the scenario gives them, and keep theirs where it gives none', () => {
    const { shadow } = merged({ shadow: 'root:$6$salt$hash:19800:0:99999:7:::\n' });
    expect(shadow).toBe('root:$6$salt$hash:19800:0:99999:7:::\nsshd:!*:20000::::::\n');
  });

  test('join groups without leaving those they are in, in gshadow as well', () => {
    const { group, gshadow } = merged({ group: 'docker:x:996:ops,admin\n' });
    expect(line(group, 'docker')).toBe('docker:x:990:admin,ops');
    expect(line(gshadow, 'docker')).toBe('docker:!::admin,ops');
  });

  test('of lines that are none are left out', () => {
    expect(merged({ passwd: '# comment\nops:x:1000\n\n' }).passwd).toBe(MACHINE.passwd);
  });
});

test('people are those with a home of their own', () => {
  const passwd = `${MACHINE.passwd}ops:x:1000:1001::/home/ops:/bin/bash\nnobody:x:65534:65534::/nonexistent:/bin/false\n`;
  expect(people(passwd)).toEqual([{ name: 'ops', home: '/home/ops', gid: '1001' }]);
});
