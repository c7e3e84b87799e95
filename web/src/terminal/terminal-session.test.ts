import { expect, test } from 'vitest';
import { TERMINAL_ACK_BYTES, TERMINAL_KEYS_BYTES } from '../../../protocol/terminal.ts';
import { TerminalSession, type SessionState } from './terminal-session.ts';

/** The browser's end of a socket, driven by hand. */
class HandSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = 'blob';
  readonly sent: (string | Uint8Array)[] = [];
  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }
  close(): void {
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  receives(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  receivesBytes(text: string): void {
    this.receives(new TextEncoder().encode(text).buffer);
  }
  drops(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}

function setUp() {
  const sockets: HandSocket[] = [];
  const states: SessionState[] = [];
  const timers = new Map<number, () => void>();
  const written: string[] = [];
  const undrawn: (() => void)[] = [];
  const clock = { now: 0, timer: 0, outputs: 0, delays: [] as number[] };
  const session = new TerminalSession(
    {
      write(output, drawn) {
        written.push(typeof output === 'string' ? output : new TextDecoder().decode(output));
        if (drawn !== undefined) undrawn.push(drawn);
      },
    },
    { cols: 80, rows: 24 },
    {
      openSocket() {
        const socket = new HandSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      later(milliseconds, callback) {
        const id = clock.timer++;
        clock.delays.push(milliseconds);
        timers.set(id, callback);
        return () => timers.delete(id);
      },
      now: () => clock.now,
      random: () => 0,
    },
    { onState: (state) => states.push(state), onOutput: () => clock.outputs++ },
  );
  session.connect();
  return {
    session,
    sockets,
    states,
    written,
    clock,
    socket: () => sockets.at(-1) ?? new HandSocket(),
    draw: () => undrawn.splice(0).forEach((drawn) => drawn()),
    runTimers: () => {
      const due = [...timers.values()];
      timers.clear();
      for (const callback of due) callback();
    },
  };
}

const frames = (socket: HandSocket) =>
  socket.sent.filter((data) => typeof data === 'string').map((s) => JSON.parse(s) as unknown);
const keys = (socket: HandSocket) => Buffer.concat(socket.sent.filter((data) => typeof data !== 'string')).toString();
const typed = (text: string) => new TextEncoder().encode(text);

test('acknowledges output only after the screen has drawn it', () => {
  const { socket, draw } = setUp();
  socket().opens();
  socket().receives(new ArrayBuffer(TERMINAL_ACK_BYTES + 1));
  expect(frames(socket())).toEqual([]);
  draw();
  expect(frames(socket())).toEqual([{ type: 'ack', bytes: TERMINAL_ACK_BYTES + 1 }]);
});

test('does not acknowledge on a new socket what the old one had sent', () => {
  const { socket, draw, runTimers, sockets } = setUp();
  socket().opens();
  socket().receives(new ArrayBuffer(TERMINAL_ACK_BYTES));
  socket().drops();
  runTimers();
  socket().opens();
  draw();
  expect(sockets).toHaveLength(2);
  expect(frames(socket())).toEqual([]);
});

test('clears the screen before a restored one, in order with the output, and does not call it activity', () => {
  const { socket, written, clock } = setUp();
  socket().opens();
  socket().receivesBytes('old');
  socket().receives('{"type":"restore"}');
  socket().receivesBytes('screen');
  socket().receivesBytes('new');
  expect(written).toEqual(['old', '\x1bc', 'screen', 'new']);
  expect(clock.outputs).toBe(2);
});

test('tells the server a size once, after the dragging has paused', () => {
  const { session, socket, runTimers } = setUp();
  socket().opens();
  session.resize({ cols: 90, rows: 24 });
  session.resize({ cols: 100, rows: 30 });
  expect(frames(socket())).toEqual([]);
  runTimers();
  session.resize({ cols: 100, rows: 30 });
  runTimers();
  expect(frames(socket())).toEqual([{ type: 'resize', cols: 100, rows: 30 }]);
});

test('tells a socket that has just opened the size that changed while it was connecting', () => {
  const { session, socket } = setUp();
  session.resize({ cols: 120, rows: 40 });
  socket().opens();
  expect(frames(socket())).toEqual([{ type: 'resize', cols: 120, rows: 40 }]);
});

test('sends a paste no faster than the socket drains', () => {
  const { session, socket, runTimers } = setUp();
  socket().opens();
  socket().bufferedAmount = 1_000_000;
  session.type(typed('x'.repeat(TERMINAL_KEYS_BYTES * 2)));
  expect(socket().sent).toEqual([]);
  socket().bufferedAmount = 0;
  runTimers();
  expect(socket().sent.map((data) => data.length)).toEqual([TERMINAL_KEYS_BYTES, TERMINAL_KEYS_BYTES]);
});

test('reconnects with growing delays, and at once after a connection that was good', () => {
  const { socket, runTimers, clock, states } = setUp();
  socket().drops();
  runTimers();
  socket().drops();
  runTimers();
  expect(clock.delays).toEqual([250, 500]);
  socket().opens();
  clock.now = 60_000;
  socket().drops();
  expect(clock.delays).toEqual([250, 500, 250]);
  expect(states.at(-1)).toEqual({ state: 'waiting', message: 'The connection to this shell was lost.' });
});

test('says how much of a paste was lost with the connection, and drops keys until the shell is back', () => {
  const { session, socket, states, runTimers } = setUp();
  socket().opens();
  socket().bufferedAmount = 1_000_000;
  session.type(typed('x'.repeat(1_500)));
  socket().drops();
  expect(states.at(-1)).toMatchObject({ message: expect.stringContaining('1,500 bytes of a paste were not sent') });
  session.type(typed('rm -rf /'));
  runTimers();
  socket().opens();
  expect(keys(socket())).toBe('');
});

test('offers a new shell when one ends, and opens it on Enter alone', () => {
  const { session, socket, sockets, written, states } = setUp();
  socket().opens();
  socket().receives('{"type":"exit","code":3}');
  socket().drops();
  expect(states.at(-1)).toEqual({ state: 'exited', code: 3 });
  expect(written.at(-1)).toContain('status 3. Press Enter to start a new shell.');
  session.type(typed('x'));
  expect(sockets).toHaveLength(1);
  session.type(typed('\r'));
  expect(sockets).toHaveLength(2);
});

test('tries again by itself only where the server allows it', () => {
  const { session, socket, sockets, states, runTimers } = setUp();
  socket().opens();
  socket().receives('{"type":"error","message":"The lab was reset.","retry":true}');
  expect(states.at(-1)).toEqual({ state: 'waiting', message: 'The lab was reset.' });
  runTimers();
  socket().opens();
  socket().receives('{"type":"error","message":"Too many shells.","retry":false}');
  runTimers();
  expect(sockets).toHaveLength(2);
  expect(states.at(-1)).toEqual({ state: 'refused', message: 'Too many shells.' });
  session.connect();
  expect(sockets).toHaveLength(3);
});

test('opens no more sockets once it is disposed of', () => {
  const { session, socket, sockets, runTimers } = setUp();
  socket().drops();
  session[Symbol.dispose]();
  runTimers();
  expect(sockets).toHaveLength(1);
});

test('ends the shell when its tab is closed, and leaves it running when the page goes', () => {
  const closed = setUp();
  closed.socket().opens();
  closed.session.end();
  expect(frames(closed.socket())).toEqual([{ type: 'close' }]);
  const left = setUp();
  left.socket().opens();
  left.session[Symbol.dispose]();
  expect(frames(left.socket())).toEqual([]);
});

test('tries at once when it is told to, and only while it waits', () => {
  const { session, socket, sockets, runTimers } = setUp();
  session.hurry();
  expect(sockets).toHaveLength(1);
  socket().drops();
  session.hurry();
  expect(sockets).toHaveLength(2);
  runTimers();
  expect(sockets).toHaveLength(2);
});
