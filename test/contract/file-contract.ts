import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { HostsUnderTest } from './hosts-under-test.ts';

/** `Host.readFile` and `Host.writeFile`. */
export function fileContract({ on, sh }: HostsUnderTest): void {
  const read = async (path: string, maxBytes = 1000) => {
    const result = await on('node01').readFile(path, { maxBytes });
    return result.outcome === 'read' ? String(result.content) : result.outcome;
  };
  const write = (path: string, content: string | Buffer, mode = 0o644) =>
    on('node01').writeFile(path, Buffer.from(content), { mode });

  test('is read with its mode, bounded', async () => {
    await sh('node01', 'printf 0123456789 > /tmp/ten; chmod 640 /tmp/ten');
    const whole = await on('node01').readFile('/tmp/ten', { maxBytes: 10 });
    expect(whole).toEqual({ outcome: 'read', content: Buffer.from('0123456789'), mode: 0o640, truncated: false });
    const part = await on('node01').readFile('/tmp/ten', { maxBytes: 4 });
    expect(part).toEqual({ outcome: 'read', content: Buffer.from('0123'), mode: 0o640, truncated: true });
  });

  test.each([
    ['an absolute link', '/etc/hostname', 'node01\n'],
    ['a link that climbs above the root', '../../../../../../../etc/hostname', 'node01\n'],
    ['a link to what only the machine has', fileURLToPath(import.meta.url), 'absent'],
    ['a link to itself', '/tmp/link', 'refused'],
    ['a link to a device', '/dev/zero', 'refused'],
    ['a link to a folder', '/etc', 'refused'],
  ])('that is %s stays inside the host', async (_, target, expected) => {
    await sh('node01', `ln -sfn ${target} /tmp/link`);
    await expect(read('/tmp/link')).resolves.toBe(expected);
  });

  test('that is a pipe holds nobody up, and one that was mounted since is read', async () => {
    await sh('node01', 'rm -f /tmp/pipe; mkfifo /tmp/pipe; echo in memory > /dev/shm/file');
    await expect(read('/tmp/pipe')).resolves.toBe('refused');
    await expect(read('/dev/shm/file')).resolves.toBe('in memory\n');
  });

  test('is written whole, with its folders, through links', async () => {
    await write('/srv/a/b/c', Buffer.alloc(3_000_000, 'x'), 0o600);
    await expect(sh('node01', 'stat -c "%s %a" /srv/a/b/c; ls -A /srv/a/b')).resolves.toBe('3000000 600\nc');
    await sh('node01', 'ln -s c /srv/a/b/link');
    await write('/srv/a/b/link', 'new');
    await expect(read('/srv/a/b/c')).resolves.toBe('new');
  });

  test('that cannot be written, or has no absolute path, says why', async () => {
    await expect(write('/etc', '')).rejects.toThrow('/etc is not a regular file');
    await expect(read('etc')).rejects.toThrow('not an absolute path');
  });
}
