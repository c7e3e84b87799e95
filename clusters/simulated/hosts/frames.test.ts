import { Buffer } from 'node:buffer';
import { configureGlobal, assert, property, array, uint8Array, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, frameReader } from './frames.ts';
import { encodePacket, packetReader } from '../../keeper/packets.ts';

// The same cases every time: a test that fails now and then tells nobody why.
configureGlobal({ seed: 20_261_123 });

/** Cuts a stream into pieces, as a socket may. */
function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

describe('frames and packets', () => {
  test('arrive as they were sent, however the stream is cut', () => {
    assert(
      property(
        array(array(uint8Array({ maxLength: 40 })), { maxLength: 8 }),
        integer({ min: 1, max: 30 }),
        (sent, size) => {
          const frames: Buffer[][] = [];
          pieces(Buffer.concat(sent.map(encodeFrame)), size).forEach(frameReader((fields) => frames.push(fields)));
          expect(frames.map((fields) => fields.map((field) => [...field]))).toEqual(
            sent.map((fields) => fields.map((field) => [...field])),
          );

          const packets: [number, Buffer][] = [];
          const all = sent.flat();
          pieces(Buffer.concat(all.map((bytes, i) => encodePacket(i % 5, bytes))), size).forEach(
            packetReader(40, (type, bytes) => packets.push([type, bytes])),
          );
          expect(packets.map(([type, bytes]) => [type, [...bytes]])).toEqual(
            all.map((bytes, i) => [i % 5, [...bytes]]),
          );
        },
      ),
    );
  });

  test('are refused before they are taken in when they are too long', () => {
    const read = packetReader(1000, () => undefined);
    expect(() => read(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toThrow(
      'a packet of 4294967295 bytes, more than 1000',
    );
    expect(() => frameReader(() => undefined)(Buffer.from([0xff, 0, 0, 0]))).toThrow('a frame of 4278190080 bytes');
  });
});
