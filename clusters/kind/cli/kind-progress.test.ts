import { expect, test } from 'vitest';
import { stepOf } from './kind-progress.ts';

test.each([
  [' • Ensuring node image (kindest/node:v1.36.0) 🖼  ...', 'ensuring node image (kindest/node:v1.36.0)'],
  [' • Preparing nodes 📦 📦   ...', 'preparing nodes'],
  [' • Starting control-plane 🕹️  ...', 'starting control-plane'],
  [' • Joining worker nodes 🚜  ...', 'joining worker nodes'],
  [' • Waiting ≤ 1m0s for control-plane = Ready ⏳  ...', 'waiting ≤ 1m0s for control-plane = Ready'],
  [' ✓ Preparing nodes 📦 📦 ', undefined],
  ['Creating cluster "breachlab-a" ...', undefined],
  ['', undefined],
])('%j is the step %j', (line, step) => {
  expect(stepOf(line)).toBe(step);
});
