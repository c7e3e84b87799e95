import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TERMINAL_ACK_BYTES } from '../../../protocol/terminal.ts';
import { AckCounter } from './ack-counter.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

test('acknowledges every byte once, and never lets a full window stay unacknowledged', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200_000)), (frames) => {
      const counter = new AckCounter();
      let acked = 0;
      let drawn = 0;
      for (const bytes of frames) {
        drawn += bytes;
        acked += counter.drawn(bytes);
        expect(acked).toBeLessThanOrEqual(drawn);
        expect(drawn - acked).toBeLessThan(TERMINAL_ACK_BYTES);
      }
    }),
  );
});

test('says nothing about a few keystrokes', () => {
  const counter = new AckCounter();
  expect(counter.drawn(10)).toBe(0);
  expect(counter.drawn(TERMINAL_ACK_BYTES - 10)).toBe(TERMINAL_ACK_BYTES);
  expect(counter.drawn(10)).toBe(0);
});
