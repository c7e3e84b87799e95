import { expect, test } from 'vitest';
import { TestClock } from '../../kubernetes/controllers/test-cluster.ts';
import { Connection, doubling } from './connection.ts';

/** A way that is free once it has been refused so often, and what has been told of it. */
function way(refusals: number) {
  const clock = new TestClock();
  const told: string[] = [];
  let left = refusals;
  const connection = new Connection({
    clock,
    wait: doubling(100, 300),
    attempt: () => Promise.resolve(left-- > 0 ? [`refused at ${clock.now() % 100_000}`] : []),
    log: (line) => told.push(line),
    opened: () => told.push('open'),
  });
  /** Lets so many milliseconds pass, try by try. */
  const elapse = async (milliseconds: number): Promise<void> => {
    const until = clock.now() + milliseconds;
    await settled();
    while (clock.step(until)) await settled();
  };
  return { connection, clock, told, elapse };
}

/** What the tries promised has come. */
const settled = (): Promise<void> => new Promise((done) => void setImmediate(done));

test('a way that is free is open at once, and nobody tries again', async () => {
  const { connection, clock, told, elapse } = way(0);
  expect(connection.isOpen).toBe(false);
  await elapse(0);
  expect({ isOpen: connection.isOpen, told, timers: clock.timers }).toEqual({
    isOpen: true,
    told: ['open'],
    timers: 0,
  });
});

test('a way that is not is tried after ever longer waits, and each refusal is told', async () => {
  const { connection, told, elapse } = way(4);
  await elapse(899);
  expect(connection.isOpen).toBe(false);
  await elapse(1);
  expect(told).toEqual(['refused at 0', 'refused at 100', 'refused at 300', 'refused at 600', 'open']);
});

test('whoever is no longer there tries no more', async () => {
  const { connection, clock, told, elapse } = way(9);
  await elapse(100);
  connection[Symbol.dispose]();
  await elapse(1000);
  expect({ told: told.length, timers: clock.timers }).toEqual({ told: 2, timers: 0 });
});
