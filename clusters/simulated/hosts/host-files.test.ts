import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

/** What files of every backend's hosts do: test/contract/file-contract.ts. */
describe.skipIf(impossible)(`a host's files${whyNot}`, () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startTestLab(['node01']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const read = async (path: string, maxBytes = 1000) => {
    const result = await lab.on('node01').readFile(path, { maxBytes });
    return result.outcome === 'read' ? String(result.content) : result.outcome;
  };

  test.each([
    ['a link to the reading process', '/proc/self/environ', 'absent'],
    ['a link to the environment of process 1, which has none', '/proc/1/environ', ''],
  ])('that are %s tell nothing of the machine', async (_, target, expected) => {
    await lab.sh('node01', `ln -sfn ${target} /tmp/link`);
    await expect(read('/tmp/link')).resolves.toBe(expected);
  });

  test('that every host shares cannot be written', async () => {
    const writing = lab.on('node01').writeFile('/usr/bin/ls', Buffer.from('x'), { mode: 0o755 });
    await expect(writing).rejects.toThrow('Read-only file system');
  });

  test('are listed and removed', async () => {
    await lab.sh('node01', 'mkdir -p /srv/list; touch /srv/list/b /srv/list/a');
    await expect(lab.on('node01').listFolder('/srv/list')).resolves.toEqual(['a', 'b']);
    await lab.on('node01').removeFile('/srv/list/a');
    await lab.on('node01').removeFile('/srv/list/a');
    await expect(lab.on('node01').listFolder('/srv/list')).resolves.toEqual(['b']);
    await expect(lab.on('node01').listFolder('/nowhere')).resolves.toBeUndefined();
  });

  test.each([
    ['a file that is made with its folders', '/srv/w1/x/file', 'true', 'mkdir -p /srv/w1/x; echo > /srv/w1/x/file'],
    ['a file that is appended to', '/srv/w2', 'echo > /srv/w2', 'echo more >> /srv/w2'],
    ['a file that is replaced', '/srv/w3', 'echo > /srv/w3', 'echo > /srv/w3.new; mv /srv/w3.new /srv/w3'],
    ['a file that is removed', '/srv/w4', 'echo > /srv/w4', 'rm /srv/w4'],
    ['a file whose mode is changed', '/srv/w5', 'echo > /srv/w5', 'chmod 600 /srv/w5'],
    ['a folder in which a file is made', '/srv/w6', 'mkdir /srv/w6', 'echo > /srv/w6/file'],
    ['a folder that is replaced', '/srv/w7', 'mkdir -p /srv/w7 /srv/w7.new', 'rmdir /srv/w7; mv /srv/w7.new /srv/w7'],
  ])('are watched: %s', async (_, path, before, change) => {
    await lab.sh('node01', before);
    const changed = Promise.withResolvers<void>();
    using _watch = await lab.on('node01').watch(path, changed.resolve);
    await lab.sh('node01', change);
    await expect(changed.promise).resolves.toBeUndefined();
  });

  test('are watched again after each change, until the watch is given up', async () => {
    let times = 0;
    let next = Promise.withResolvers<void>();
    const watch = await lab.on('node01').watch('/srv/again/file', () => {
      times += 1;
      next.resolve();
    });
    for (const change of [
      'mkdir /srv/again',
      'echo 1 > /srv/again/file',
      'rm -r /srv/again',
      'mkdir /srv/again; echo 2 > /srv/again/file',
    ]) {
      next = Promise.withResolvers<void>();
      await lab.sh('node01', change);
      await next.promise;
    }
    watch[Symbol.dispose]();
    const seen = times;
    // The supervisor tells in order: what the second watch hears, the first would have heard.
    next = Promise.withResolvers<void>();
    using _second = await lab.on('node01').watch('/srv/again/file', next.resolve);
    await lab.sh('node01', 'echo 3 > /srv/again/file');
    await next.promise;
    expect(times).toBe(seen);
  });

  test('are added to in place, with folders and mode as asked, and never through what is no file', async () => {
    const host = lab.on('node01');
    expect(await host.fileSize('/var/log/deep/audit.log')).toBeUndefined();
    await host.appendFile('/var/log/deep/audit.log', 'one\n', { mode: 0o600 });
    await host.appendFile('/var/log/deep/audit.log', 'two\n', { mode: 0o600 });
    expect(await lab.sh('node01', 'cat /var/log/deep/audit.log; stat -c %a /var/log/deep/audit.log')).toBe(
      'one\ntwo\n600',
    );
    expect(await host.fileSize('/var/log/deep/audit.log')).toBe(8);
    await lab.sh('node01', 'mkfifo /tmp/fifo; ln -s ../../../../etc/added /tmp/climbs');
    await expect(host.appendFile('/tmp/fifo', 'x', { mode: 0o600 })).rejects.toThrow('append to /tmp/fifo');
    await host.appendFile('/tmp/climbs', 'stays\n', { mode: 0o600 });
    expect(await read('/etc/added')).toBe('stays\n');
  });

  test('are listed two folders deep with their links, which can be made', async () => {
    const host = lab.on('node01');
    await host.makeLink('/srv/tree/wants/a', '/lib/a');
    await host.makeLink('/srv/tree/wants/a', '/dev/null');
    await lab.sh('node01', 'touch /srv/tree/file; mkdir /srv/tree/wants/deeper; touch /srv/tree/wants/deeper/no');
    expect(await host.listTree(['/srv/tree', '/srv/nowhere'])).toEqual(
      new Map([
        ['/srv/tree/file', undefined],
        ['/srv/tree/wants/a', '/dev/null'],
      ]),
    );
  });
});
