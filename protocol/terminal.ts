import { z } from 'zod';

/**
 * A terminal is one WebSocket: `GET /api/labs/:lab/terminals/:host/:terminal?cols=&rows=`.
 * Binary frames carry bytes of the terminal, keys upwards and output downwards; text frames carry one of the JSON frames below.
 * The shell lives on when the socket goes; the next socket for the same terminal gets the screen back first.
 */
export const TerminalClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), cols: z.int().min(2).max(1000), rows: z.int().min(1).max(1000) }),
  /** Bytes of output that the page has drawn since its last `ack`. */
  z.strictObject({ type: z.literal('ack'), bytes: z.int().positive() }),
  /** The learner has closed the tab: the shell is to end, where a socket that only goes leaves it running. */
  z.strictObject({ type: z.literal('close') }),
]);
export type TerminalClientFrame = z.infer<typeof TerminalClientFrame>;

export const TerminalServerFrame = z.discriminatedUnion('type', [
  /** The next binary frame redraws the screen as it was; it counts for `ack` like any other. */
  z.strictObject({ type: z.literal('restore') }),
  /** The shell has ended; `code` is its exit status. A new socket starts a new shell. */
  z.strictObject({ type: z.literal('exit'), code: z.int() }),
  /** The terminal cannot go on. `retry` says whether the page may open a new socket by itself. */
  z.strictObject({ type: z.literal('error'), message: z.string(), retry: z.boolean() }),
]);
export type TerminalServerFrame = z.infer<typeof TerminalServerFrame>;

/** Unacknowledged bytes at which the server stops reading the shell, and at which it starts again. */
export const TERMINAL_PAUSE_BYTES = 512 * 1024;
export const TERMINAL_RESUME_BYTES = 128 * 1024;
/** The page acknowledges at least every so many bytes. */
export const TERMINAL_ACK_BYTES = 64 * 1024;
/** The longest binary frame upwards; the page cuts a paste into such pieces. */
export const TERMINAL_KEYS_BYTES = 16 * 1024;
