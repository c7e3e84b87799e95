import type { Duplex } from 'node:stream';

/** Bytes of questions, and of answers nobody reads, that a connection may keep waiting. */
const MAX_WAITING = 64 * 1024;

/** Answers messages with their length before them (RFC 1035, 4.2.2), one after another; one that is no question ends the connection. */
export function answerMessages(socket: Duplex, answer: (message: Buffer) => Promise<Buffer | undefined>): void {
  let waiting = Buffer.alloc(0);
  let answered = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      const message = waiting.subarray(2, end);
      waiting = waiting.subarray(end);
      answered = answered
        .then(() => answer(message))
        .then((reply) => {
          if (reply === undefined) return void socket.destroy();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(reply.length);
          return void socket.write(Buffer.concat([length, reply]));
        })
        .catch(() => void socket.destroy());
    }
    if (socket.writableLength + waiting.length > MAX_WAITING) socket.destroy();
  });
}
