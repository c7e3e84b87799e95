import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { array, assert, asyncProperty, configureGlobal, constantFrom, integer, tuple, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { ExecConnection } from './exec-connection.ts';

configureGlobal({ seed: 20_261_123 });

/** As Docker frames it: stream, three zeros, 32-bit length. */
function piece(stream: number, bytes: Uint8Array | string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, Buffer.from(bytes)]);
}

test('gives the output as it was sent, however the stream is cut, and keeps error output apart', async () => {
  const sent = array(tuple(constantFrom(1, 2), uint8Array({ maxLength: 40 })), { maxLength: 8 });
  await assert(
    asyncProperty(sent, integer({ min: 1, max: 30 }), async (pieces, size) => {
      const raw = new PassThrough();
      const connection = new ExecConnection(raw);
      const all = Buffer.concat(pieces.map(([stream, bytes]) => piece(stream, bytes)));
      for (let at = 0; at < all.length; at += size) raw.write(all.subarray(at, at + size));
      raw.end();
      const output: Buffer[] = [];
      for await (const chunk of connection) output.push(chunk as Buffer);
      const of = (wanted: number) =>
        Buffer.concat(pieces.flatMap(([stream, bytes]) => (stream === wanted ? [bytes] : [])));
      expect(Buffer.concat(output)).toEqual(of(1));
      expect(connection.complaint).toBe(String(of(2)));
    }),
    { numRuns: 50 },
  );
});

test('takes nothing more from Docker while nobody reads', async () => {
  const raw = new PassThrough({ highWaterMark: 1024 });
  const connection = new ExecConnection(raw);
  connection.read(0);
  let taken = 0;
  while (taken < 10_000_000 && raw.write(piece(1, Buffer.alloc(1000)))) {
    taken += 1000;
    await new Promise(setImmediate);
  }
  expect(taken).toBeLessThan(200_000);
  raw.end();
  await expect(text(connection)).resolves.toHaveLength(taken + 1000);
});

test('keeps no more than the beginning of a long complaint', () => {
  const raw = new PassThrough();
  const connection = new ExecConnection(raw);
  raw.emit('data', piece(2, 'x'.repeat(100_000)));
  expect(connection.complaint).toHaveLength(4096);
});
