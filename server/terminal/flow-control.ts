import { TERMINAL_PAUSE_BYTES, TERMINAL_RESUME_BYTES } from '../../protocol/terminal.ts';

/** How much of the output that was sent to one page is still on its way. Values; every step returns the next one. */
export interface Flow {
  /** Bytes the page has not yet said it has drawn. */
  readonly unacked: number;
  /** Bytes the socket has not yet handed to the kernel: a page that acknowledges what it does not read cannot fill our memory. */
  readonly unflushed: number;
  readonly paused: boolean;
}

export const IDLE_FLOW: Flow = { unacked: 0, unflushed: 0, paused: false };

/** Pauses at the upper mark, goes on at the lower one, and in between stays as it was, so that it does not flutter. */
function settled(unacked: number, unflushed: number, wasPaused: boolean): Flow {
  const outstanding = Math.max(unacked, unflushed);
  const paused = wasPaused ? outstanding > TERMINAL_RESUME_BYTES : outstanding >= TERMINAL_PAUSE_BYTES;
  return { unacked, unflushed, paused };
}

export const afterSend = (flow: Flow, bytes: number): Flow =>
  settled(flow.unacked + bytes, flow.unflushed + bytes, flow.paused);

export const afterFlush = (flow: Flow, bytes: number): Flow =>
  settled(flow.unacked, Math.max(0, flow.unflushed - bytes), flow.paused);

/** A page that acknowledges more than it was sent owes nothing and gains nothing. */
export const afterAck = (flow: Flow, bytes: number): Flow =>
  settled(Math.max(0, flow.unacked - bytes), flow.unflushed, flow.paused);
