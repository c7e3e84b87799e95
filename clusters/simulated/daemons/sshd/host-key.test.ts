import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeSshHostKey } from './host-key.ts';

test('makes keys that can be read, each of them', () => {
  // Enough for two that could not.
  const unreadable = Array.from({ length: 512 }, makeSshHostKey).filter(
    (key) => ssh2.utils.parseKey(key) instanceof Error,
  );
  expect(unreadable).toEqual([]);
});
