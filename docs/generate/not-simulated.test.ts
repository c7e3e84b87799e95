import { expect, it } from 'vitest';
import { refusalsIn } from './not-simulated.ts';

it.each([
  ["throw new Error('not simulated: ABAC');", ['ABAC']],
  [
    'throw new Error(`not simulated: docker ${name}; there are ${Object.keys(VERBS).join(", ")}\\n`);',
    ['docker {name}; there are {…}'],
  ],
  ['fail(`${name}: not simulated: no such command on ${call.host}`)', ['no such command on {host}']],
  ["what === 'a' ? 'not simulated: a' : 'not simulated: b'", ['a', 'b']],
  ["'it\\'s not simulated: the user\\'s \"x\"'", ['the user\'s "x"']],
  ['/** Answers `not simulated: …`. */ const x = 1;', []],
  ["  // 'not simulated: a comment'\n", []],
])('reads the refusals of %s', (source, texts) => {
  expect(refusalsIn(source)).toEqual(texts);
});
