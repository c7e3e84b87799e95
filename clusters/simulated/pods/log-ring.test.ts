import { describe, expect, it } from 'vitest';
import { LogRing, type LogQuery } from './log-ring.ts';

const ALL: LogQuery = {
  follow: false,
  timestamps: false,
  tailLines: undefined,
  since: undefined,
  limitBytes: undefined,
};

async function text(ring: LogRing, query: Partial<LogQuery>, signal = new AbortController().signal): Promise<string> {
  let said = '';
  for await (const bytes of ring.read({ ...ALL, ...query }, signal)) said += Buffer.from(bytes).toString();
  return said;
}

describe("a container's log", () => {
  let now = 1000;
  const filled = (): LogRing => {
    now = 1000;
    const ring = new LogRing(() => now);
    ring.add('stdout', Buffer.from('one\ntw'));
    now = 2000;
    ring.add('stderr', Buffer.from('err\n'));
    ring.add('stdout', Buffer.from('o\nlast'));
    return ring;
  };

  it.each<[string, Partial<LogQuery>, string]>([
    ['whole lines in their order', {}, 'one\nerr\ntwo\n'],
    ['the last lines', { tailLines: 2 }, 'err\ntwo\n'],
    ['no line for a tail of none', { tailLines: 0 }, ''],
    ['lines since a time', { since: 1500 }, 'err\ntwo\n'],
    ['so many bytes', { limitBytes: 5 }, 'one\ne'],
    ['times', { timestamps: true, tailLines: 1 }, '1970-01-01T00:00:02.000Z two\n'],
  ])('gives %s', async (_, query, expected) => {
    expect(await text(filled(), query)).toBe(expected);
  });

  it('gives the rest of a line once the container has ended', async () => {
    const ring = filled();
    ring.close();
    expect(await text(ring, { tailLines: 1 })).toBe('last');
  });

  it('follows until the container ends', async () => {
    const ring = filled();
    const followed = text(ring, { follow: true, tailLines: 1 });
    ring.add('stdout', Buffer.from('\nmore\n'));
    ring.close();
    expect(await followed).toBe('two\nlast\nmore\n');
  });

  it('keeps a megabyte', async () => {
    const ring = new LogRing(() => 0);
    for (let i = 0; i < 3000; i++) ring.add('stdout', Buffer.from(`${String(i).padStart(1023, '.')}\n`));
    const kept = await text(ring, {});
    expect(kept.length).toBe(2 ** 20);
    expect(kept.endsWith('2999\n')).toBe(true);
  });
});
