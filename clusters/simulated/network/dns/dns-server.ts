import type { Socket as Datagrams } from 'node:dgram';
import type { Duplex } from 'node:stream';
import { type Answer, type Question, readQuestion, writeAnswer } from './message.ts';

/** Bytes of questions, and of answers nobody reads, that a connection may keep waiting. */
const MAX_WAITING = 64 * 1024;

/** What a server of names knows. */
export type Names = (question: Question) => Answer;

export function answerDatagrams(socket: Datagrams, names: Names): void {
  socket.on('message', (message, { address, port }) => {
    const question = readQuestion(message);
    if (question !== undefined) socket.send(writeAnswer(question, names(question)), port, address);
  });
}

/** Messages with their length before them (RFC 1035, 4.2.2). */
export function answerStream(socket: Duplex, names: Names): void {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      const question = readQuestion(waiting.subarray(2, end));
      waiting = waiting.subarray(end);
      if (question === undefined) {
        socket.destroy();
        return;
      }
      const reply = writeAnswer(question, names(question), 'TCP');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
    if (socket.writableLength > MAX_WAITING) socket.destroy();
  });
}
