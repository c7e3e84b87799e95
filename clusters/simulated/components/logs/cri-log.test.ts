import { expect, it } from 'vitest';
import { LogRing } from '../../pods/log-ring.ts';
import { asideName, criLine } from './cri-log.ts';

const NOON = Date.parse('2026-03-01T12:00:00.005Z');

it('writes whole lines as F, pieces of long ones as P, and a last one without its newline as F', async () => {
  const ring = new LogRing(() => NOON);
  ring.add('stdout', Buffer.from('one\n\n'));
  ring.add('stderr', Buffer.from(`${'x'.repeat(17_000)}\nlast`));
  ring.close();
  const lines: string[] = [];
  const all = { follow: false, since: undefined, tailLines: undefined };
  for await (const line of ring.lines(all, AbortSignal.abort())) lines.push(criLine(line).slice(0, 40).trimEnd());
  expect(lines).toEqual([
    '2026-03-01T12:00:00.005Z stdout F one',
    '2026-03-01T12:00:00.005Z stdout F',
    '2026-03-01T12:00:00.005Z stderr P xxxxxx',
    '2026-03-01T12:00:00.005Z stderr F xxxxxx',
    '2026-03-01T12:00:00.005Z stderr F last',
  ]);
});

it('puts a log aside under the second of its turn', () => {
  expect(asideName('/var/log/pods/p/c/0.log', NOON)).toBe('/var/log/pods/p/c/0.log.20260301-120000');
});
