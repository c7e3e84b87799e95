import { expect, test } from 'vitest';
import { BootStages } from './boot-stages.ts';

const never = new AbortController().signal;
const reached = (stage: Promise<void>): Promise<boolean> =>
  Promise.race([stage.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);

test('stages are reached as kind tells its steps', async () => {
  const stages = new BootStages();
  stages.hear('preparing nodes');
  expect(await reached(stages.nodes(never))).toBe(false);
  stages.hear('writing configuration');
  expect(await reached(stages.nodes(never))).toBe(true);
  expect(await reached(stages.apiServer(never))).toBe(false);
  stages.hear('installing CNI');
  expect(await reached(stages.apiServer(never))).toBe(true);
});

test('all are reached when kind is done, whatever it called them', async () => {
  const stages = new BootStages();
  const both = Promise.all([stages.nodes(never), stages.apiServer(never)]).then(() => undefined);
  stages.done();
  expect(await reached(both)).toBe(true);
});

test('who waits is told when it is given up', async () => {
  const giveUp = new AbortController();
  const waiting = new BootStages().nodes(giveUp.signal);
  giveUp.abort(new Error('changed my mind'));
  await expect(waiting).rejects.toThrow('changed my mind');
});
