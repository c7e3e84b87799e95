import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { isForsaken } from './kind-backend.ts';

const gone = spawnSync('true').pid;

test.each([
  ['of a command whose process has ended', `0f0f-${gone}`, true],
  ['of a command that runs', `0f0f-${process.pid}`, false],
  ['of the server of our data directory', '0f0f', false],
  ['of another data directory’s command', `abcd-${gone}`, false],
])('labs %s are nobody’s: %s %s', (_, other, forsaken) => {
  expect(isForsaken(other, '0f0f')).toBe(forsaken);
  expect(isForsaken(other, `0f0f-${process.pid}`)).toBe(forsaken);
});
