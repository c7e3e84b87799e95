import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectionTime } from './connection-time.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const timeOver = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

/** A caller who grants 3 s, or gives up. */
function caller() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(timeOver()), 3000);
  return controller;
}

test.each([
  ['at once', 0],
  ['slowly', 2000],
  ['only after the time is over', 10_000],
])('a container that is reached %s has the whole of it for the connection', (_, reaching) => {
  using time = connectionTime(caller().signal);
  vi.advanceTimersByTime(reaching);
  expect(time.givenUp.aborted).toBe(false);
  const connecting = time.begin();
  vi.advanceTimersByTime(2990);
  expect(connecting.aborted).toBe(false);
  vi.advanceTimersByTime(20);
  expect(connecting.aborted).toBe(true);
});

test('giving up ends it at once, before the connection is tried and after', () => {
  const before = caller();
  using unreached = connectionTime(before.signal);
  before.abort(new Error('changed my mind'));
  expect(unreached.givenUp.reason).toMatchObject({ message: 'changed my mind' });
  const after = caller();
  using reached = connectionTime(after.signal);
  const connecting = reached.begin();
  after.abort(new Error('changed my mind'));
  expect(connecting.aborted).toBe(true);
});

test('a connection that came about is not ended later', () => {
  const time = connectionTime(caller().signal);
  const connecting = time.begin();
  time[Symbol.dispose]();
  vi.advanceTimersByTime(20_000);
  expect(connecting.aborted).toBe(false);
});
