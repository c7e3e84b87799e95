import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../../daemons/folder-host.ts';
import { SILENT } from '../test-workstation.ts';
import { AA_COMPLAIN, AA_DISABLE, AA_ENFORCE } from './aa-mode.ts';
import { loadedProfile } from './loaded-profiles.ts';
import { withMode } from './profile-flags.ts';

let hosts = new AsyncDisposableStack();
afterEach(async () => {
  await hosts.disposeAsync();
  hosts = new AsyncDisposableStack();
});

const FILE = '/etc/apparmor.d/own';

async function node(text: string) {
  const host = hosts.use(await FolderHost.create('node01', { [FILE]: text }));
  const context = { host, clock: realClock, processes: () => [], ...SILENT };
  for (const tool of [AA_COMPLAIN, AA_DISABLE, AA_ENFORCE])
    await host.installCommand(tool.name, tool.command(context as never));
  const written = async (): Promise<string> => {
    const read = await host.readFile(FILE, { maxBytes: 1000 });
    return read.outcome === 'read' ? String(read.content) : read.outcome;
  };
  return { host, written };
}

describe('a profile', () => {
  it('is put into complain mode and out of it, by its file or its name', async () => {
    const { host, written } = await node('profile mine flags=(attach_disconnected) {\n  file,\n}\n');
    expect(await host.call('aa-complain', [FILE])).toEqual({
      code: 0,
      stdout: `Setting ${FILE} to complain mode.\n`,
      stderr: '',
    });
    expect(await written()).toBe('profile mine flags=(attach_disconnected, complain) {\n  file,\n}\n');
    expect((await loadedProfile(host, 'mine'))?.mode).toBe('complain');
    expect((await host.call('aa-enforce', ['mine'])).stdout).toBe(`Setting ${FILE} to enforce mode.\n`);
    expect(await written()).toBe('profile mine flags=(attach_disconnected) {\n  file,\n}\n');
    expect((await loadedProfile(host, 'mine'))?.mode).toBe('enforce');
  });

  it('is taken out for good, until it is enforced again', async () => {
    const { host } = await node('profile mine {\n  file,\n}\n');
    await host.call('aa-enforce', [FILE]);
    expect((await host.call('aa-disable', ['own'])).stdout).toBe(`Disabling ${FILE}.\n`);
    expect(await loadedProfile(host, 'mine')).toBeUndefined();
    expect(await host.listFolder('/etc/apparmor.d/disable')).toEqual(['own']);
    await host.call('aa-enforce', ['own']);
    expect(await host.listFolder('/etc/apparmor.d/disable')).toEqual([]);
  });

  it('that is not there, or cannot be read, is said so', async () => {
    const { host } = await node('profile broken {\n  nonsense\n}\n');
    expect(await host.call('aa-complain', ['nobody'])).toMatchObject({ code: 1, stdout: '' });
    expect((await host.call('aa-complain', ['/etc/apparmor.d/none'])).stderr).toContain('does not exist');
    expect((await host.call('aa-enforce', [FILE])).stderr).toContain('AppArmor parser error');
    expect((await host.call('aa-enforce', ['-r', FILE])).stderr).toBe('not simulated: aa-enforce -r\n');
  });
});

it.each([
  ['/usr/sbin/nginx {', '/usr/sbin/nginx flags=(complain) {'],
  ['profile a /bin/{b,c} (enforce) { # mine', 'profile a /bin/{b,c} flags=(enforce, complain) { # mine'],
  ['  deny /** w,', '  deny /** w,'],
  ['@{HOME} = /home/', '@{HOME} = /home/'],
])('the flags of %s', (line, expected) => {
  expect(withMode(line, 'complain')).toBe(expected);
});
