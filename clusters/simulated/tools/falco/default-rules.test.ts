import { expect, test } from 'vitest';
import { Judge } from './alert.ts';
import { readConfiguration } from './configuration.ts';
import { DEFAULT_FILES } from './default-files.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { loadRules } from './load.ts';
import { changeEvent, execEvent, onHost, openEvent } from './test-events.ts';

const read = readConfiguration(String(DEFAULT_FILES.find(({ path }) => path.endsWith('falco.yaml'))?.data), []);
if ('problem' in read) throw new Error(read.problem);
const { rules, results } = loadRules([{ name: 'falco_rules.yaml', text: DEFAULT_RULES }], read.configuration);

test('are rules that falco takes without a word', () => {
  expect(results).toEqual([expect.objectContaining({ error: undefined, warnings: [] })]);
});

const run = (...argv: string[]) => execEvent({ path: argv[0]?.startsWith('/') ? argv[0] : `/bin/${argv[0]}`, argv });

test.each([
  ['Search Private Keys or Passwords', run('grep', '-r', 'password', '/etc')],
  ['Search Private Keys or Passwords', run('find', '/', '-name', 'id_rsa')],
  ['Find AWS Credentials', run('grep', 'aws_secret_access_key', '/root')],
  ['Remove Bulk Data from Disk', run('shred', '/data')],
  ['Execution from /dev/shm', run('/dev/shm/x')],
  ['Netcat Remote Code Execution in Container', run('nc', '-lp', '99', '-e', 'sh')],
  ['Launch Suspicious Network Tool in Container', run('nc', '-z', 'host', '80')],
  ['Launch Package Management Process in Container', run('apk', 'add', 'curl')],
  ['Read sensitive file untrusted', openEvent()],
  ['Read sensitive file untrusted', onHost(openEvent())],
  ['Create Symlink Over Sensitive Files', changeEvent('symlink', ['/etc', '/tmp/x'])],
  ['Create Hardlink Over Sensitive Files', changeEvent('linkat', ['/etc/shadow', '/tmp/x'])],
  ['Clear Log Activities', openEvent({ path: '/var/log/syslog', flags: 0o1001 })],
  ['Delete or rename shell history', changeEvent('unlink', ['/root/.bash_history'])],
  ['Delete or rename shell history', changeEvent('rename', ['/root/.ash_history', '/tmp/x'])],
  ['Set Setuid or Setgid bit', changeEvent('chmod', ['/bin/sh'], { mode: 0o4755 })],
  ['Modify binary dirs', changeEvent('renameat2', ['/usr/bin/x', '/tmp/x'])],
  ['Mkdir binary dirs', changeEvent('mkdir', ['/usr/bin/x'], { mode: 0o755 })],
])('speak of it: %s', (rule, event) => {
  const judge = new Judge(read.configuration, rules, 'node01');
  expect(judge.alerts(event).map((alert) => alert.rule)).toEqual([rule]);
});

test('are silent about what is usual', () => {
  const judge = new Judge(read.configuration, rules, 'node01');
  const usual = [
    run('grep', 'x', '/etc/hosts'),
    run('ls'),
    openEvent({ path: '/etc/hosts' }),
    onHost(execEvent({ path: '/bin/bash', argv: ['bash', '-l'] }, { tty: 34816 })),
    onHost(openEvent({ path: '/root/.bash_history', flags: 1 })),
    onHost(openEvent({}, { names: ['useradd'] })),
    changeEvent('unlink', ['/tmp/x']),
    changeEvent('chmod', ['/bin/sh'], { mode: 0o755 }),
    changeEvent('mkdir', ['/tmp/bin'], { mode: 0o755 }),
  ];
  for (const event of usual) expect(judge.alerts(event)).toEqual([]);
});
