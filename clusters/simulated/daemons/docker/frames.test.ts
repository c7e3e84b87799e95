import { expect, test } from 'vitest';
import { frame, unframe } from './frames.ts';

test('streams are told apart however the bytes are cut', () => {
  const bytes = Buffer.concat([frame('stdout', Buffer.from('one')), frame('stderr', Buffer.from('two'))]);
  for (const size of [1, 3, 8, 100]) {
    const said = { stdout: '', stderr: '' };
    const take = unframe((stream, piece) => (said[stream] += String(piece)));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(said).toEqual({ stdout: 'one', stderr: 'two' });
  }
});
