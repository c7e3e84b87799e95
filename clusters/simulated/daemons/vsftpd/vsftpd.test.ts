import { execFile } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { readFtpConfig } from './vsftpd-config.ts';
import { vsftpd } from './vsftpd.ts';

test.each([
  ['listen_port', '500 OOPS: missing value in config file for: listen_port'],
  ['colour=red', '500 OOPS: unrecognised variable in config file: colour'],
  ['anonymous_enable=maybe', '500 OOPS: bad bool value in config file for: anonymous_enable'],
  ['listen_port=70000', '500 OOPS: bad integer value in config file for: listen_port'],
])('a configuration of %j is refused in its words', (text, problem) => {
  expect(readFtpConfig(`# forgotten\n\n${text}\n`)).toEqual({ problem });
});

describe('a forgotten server', () => {
  let resources: AsyncDisposableStack;
  let host: FolderHost;
  beforeEach(async () => {
    resources = new AsyncDisposableStack();
    host = resources.use(
      await FolderHost.create('node01', {
        '/etc/vsftpd.conf': 'anonymous_enable=YES\n',
        '/srv/ftp/pub/backup.txt': 'db-password\n',
        '/root/secret': 'not for guests\n',
      }),
    );
  });
  afterEach(() => resources.disposeAsync());

  async function started() {
    const unit = vsftpd(host);
    const silent = { environment: {}, log: () => undefined, exited: () => undefined };
    const launch = { argv: ['/usr/sbin/vsftpd'], ...silent, ...host.newDaemon() };
    const failure = await unit.start(launch);
    if (failure === undefined) resources.defer(() => unit.stop());
    return failure;
  }

  /** The output of curl, and its exit status unless it is 0. */
  const curl = (...args: string[]) =>
    new Promise<string>((resolve) => {
      const [path = '', ...rest] = args;
      const url = `ftp://127.0.0.1:${host.portOf(21)}${path}`;
      execFile('curl', ['-s', '--max-time', '5', ...rest, url], (error, stdout) => {
        resolve(error === null ? stdout : `${stdout}[status ${error.code}]`);
      });
    });

  test('gives strangers its banner, its listing and its files', async () => {
    await expect(started()).resolves.toBeUndefined();
    await expect(curl('/', '-v', '--stderr', '-')).resolves.toContain('< 220 (vsFTPd 3.0.3)');
    await expect(curl('/pub/')).resolves.toMatch(/^-rw-r--r-- .* 12 .* backup\.txt\r?\n$/);
    await expect(curl('/pub/backup.txt')).resolves.toBe('db-password\n');
    await expect(curl('/pub/backup.txt', '--disable-epsv')).resolves.toBe('db-password\n');
  });

  test('gives nobody what lies outside of its folder, by dots or by links', async () => {
    await started();
    await host.makeLink('/srv/ftp/pub/link', '/root/secret');
    await expect(curl('/pub/link')).resolves.toMatch(/^\[status \d+\]$/);
    await expect(curl('/../../root/secret', '--path-as-is')).resolves.toMatch(/^\[status \d+\]$/);
  });

  test('lets nobody in with anonymous_enable=NO, nor any user of the host', async () => {
    await host.write('/etc/vsftpd.conf', 'anonymous_enable=NO\n');
    await started();
    await expect(curl('/pub/')).resolves.toBe('[status 67]'); // curl: login denied
    await expect(curl('/pub/', '--user', 'root:toor')).resolves.toBe('[status 67]');
  });

  test('does not start without a configuration that it can read', async () => {
    await host.removeFile('/etc/vsftpd.conf');
    await expect(started()).resolves.toEqual({
      status: 2,
      lines: ['500 OOPS: vsftpd: cannot read config file: /etc/vsftpd.conf'],
    });
  });
});
