import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TERMINAL_PAUSE_BYTES, TERMINAL_RESUME_BYTES } from '../../protocol/terminal.ts';
import { afterAck, afterFlush, afterSend, type Flow, IDLE_FLOW } from './flow-control.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

const sent = (bytes: number): Flow => afterFlush(afterSend(IDLE_FLOW, bytes), bytes);

describe('flow control', () => {
  test('pauses at 512 KB that are not acknowledged', () => {
    expect(sent(TERMINAL_PAUSE_BYTES - 1).paused).toBe(false);
    expect(sent(TERMINAL_PAUSE_BYTES).paused).toBe(true);
  });

  test('goes on at 128 KB, not before', () => {
    const paused = sent(TERMINAL_PAUSE_BYTES);
    const owed = TERMINAL_PAUSE_BYTES - TERMINAL_RESUME_BYTES;
    expect(afterAck(paused, owed - 1).paused).toBe(true);
    expect(afterAck(paused, owed).paused).toBe(false);
  });

  test('pauses for bytes that the socket still holds, whatever is acknowledged', () => {
    const lied = afterAck(afterSend(IDLE_FLOW, TERMINAL_PAUSE_BYTES), TERMINAL_PAUSE_BYTES);
    expect(lied.paused).toBe(true);
    expect(afterFlush(lied, TERMINAL_PAUSE_BYTES).paused).toBe(false);
  });

  test('gives no credit for bytes that were never sent', () => {
    const flow = afterAck(IDLE_FLOW, 10 * TERMINAL_PAUSE_BYTES);
    expect(afterSend(flow, TERMINAL_PAUSE_BYTES).paused).toBe(true);
  });

  test('is never paused with less than the lower mark on its way, nor running with the upper one', () => {
    const step = fc.tuple(fc.constantFrom(afterSend, afterFlush, afterAck), fc.integer({ min: 1, max: 300_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const flow = steps.reduce((flow, [after, bytes]) => after(flow, bytes), IDLE_FLOW);
        const outstanding = Math.max(flow.unacked, flow.unflushed);
        expect(Math.min(flow.unacked, flow.unflushed)).toBeGreaterThanOrEqual(0);
        expect(flow.paused && outstanding <= TERMINAL_RESUME_BYTES).toBe(false);
        expect(!flow.paused && outstanding >= TERMINAL_PAUSE_BYTES).toBe(false);
      }),
    );
  });
});
