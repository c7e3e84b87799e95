import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

const { signal } = new AbortController();

it('runs no more than so many at once, in order', async () => {
  const slots = new Slots(2);
  const [begun, finish]: [number[], (() => void)[]] = [[], []];
  const jobs = [0, 1, 2, 3].map((n) =>
    slots.run(() => {
      begun.push(n);
      return new Promise<void>((resolve) => finish.push(resolve));
    }, signal),
  );
  expect(begun).toEqual([0, 1]);
  finish[1]?.();
  await jobs[1];
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  finish[0]?.();
  finish[2]?.();
  await jobs[2];
  finish[3]?.();
  await Promise.all(jobs);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('goes on after a job that failed', async () => {
  const slots = new Slots(1);
  const failed = slots.run(() => Promise.reject(new Error('no')), signal);
  const next = slots.run(async () => 'yes', signal);
  await expect(failed).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});

it('does not begin a job whose signal has fired', async () => {
  await expect(new Slots(1).run(async () => 'yes', AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});
