import { expect, test } from 'vitest';
import { ScreenRecorder } from './screen-recorder.ts';

const line = (n: number): string => `line ${n}\r\n`;

test('gives back what was written, styles included', async () => {
  using screen = new ScreenRecorder(80, 24);
  screen.record(Buffer.from('plain \x1b[31mred\x1b[0m'));
  const picture = (await screen.snapshot()).toString();
  expect(picture).toContain('plain');
  expect(picture).toContain('\x1b[31mred');
});

test('gives back the screen and 200 lines above it', async () => {
  using screen = new ScreenRecorder(80, 24);
  for (let n = 0; n < 2000; n += 1) screen.record(Buffer.from(line(n)));
  const lines = (await screen.snapshot()).toString().split('\r\n').filter(Boolean);
  expect(lines.at(-1)).toBe('line 1999');
  expect(lines.length).toBeGreaterThan(200);
  expect(lines.length).toBeLessThan(230);
});

test('rests and wakes with the same screen, and with what came while it rested', async () => {
  using screen = new ScreenRecorder(80, 24);
  screen.record(Buffer.from('\x1b[?1049hbefore'));
  await screen.snapshot();
  await screen.rest();
  screen.record(Buffer.from(' after'));
  const picture = (await screen.snapshot()).toString();
  expect(picture).toContain('\x1b[?1049h');
  expect(picture).toContain('before after');
});

test('a rest that a snapshot overtakes is given up, and both see all', async () => {
  using screen = new ScreenRecorder(80, 24);
  screen.record(Buffer.from('one'));
  await screen.snapshot();
  const resting = screen.rest();
  screen.record(Buffer.from(' two'));
  expect((await screen.snapshot()).toString()).toContain('one two');
  await resting;
  screen.record(Buffer.from(' three'));
  expect((await screen.snapshot()).toString()).toContain('one two three');
});

test('of a flood keeps the end, the modes and little memory', async () => {
  using screen = new ScreenRecorder(80, 24);
  screen.record(Buffer.from('\x1b[?2004h'));
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 1000; n += 1) screen.record(Buffer.from(line(n).repeat(6000)));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  const picture = (await screen.snapshot()).toString();
  expect(picture).toContain('line 999');
  expect(picture).toContain('\x1b[?2004h');
});

test('draws for the size it has', async () => {
  using screen = new ScreenRecorder(80, 24);
  screen.resize(10, 5);
  screen.record(Buffer.from('0123456789abc'));
  using other = new ScreenRecorder(10, 5);
  other.record(await screen.snapshot());
  expect((await other.snapshot()).toString()).toBe((await screen.snapshot()).toString());
});
