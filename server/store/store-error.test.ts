import { expect, test } from 'vitest';
import { LabError } from '../../clusters/cluster.ts';
import { storeError } from './store-error.ts';

test.each([
  ['SQLITE_FULL', 13, /^The disk with the database \/data\/x is full\.$/, /^Free some space there/],
  ['SQLITE_IOERR_WRITE', 778, /^The disk failed under/, /BREACHLAB_DATA/],
  ['SQLITE_READONLY', 8, /may only be read/, /writable/],
])('%s is told in words', (_, errcode, what, next) => {
  const cause = Object.assign(new Error('of SQLite'), { errcode });
  const error = storeError('/data/x', cause);
  expect(error).toBeInstanceOf(LabError);
  expect(error).toMatchObject({ message: expect.stringMatching(what), nextStep: expect.stringMatching(next), cause });
});

test('what is our own mistake stays as it is', () => {
  const mistake = Object.assign(new Error('near "SELCT": syntax error'), { errcode: 1 });
  expect(storeError('/data/x', mistake)).toBe(mistake);
  const other = new RangeError('too deep');
  expect(storeError('/data/x', other)).toBe(other);
});
