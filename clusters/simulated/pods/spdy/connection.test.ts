import { describe, expect, it } from 'vitest';
import { SpdyConnection, type SpdyStream } from './connection.ts';
import { controlFrame, dataFrame, FIN, type Frame, spdyReader } from './frames.ts';
import { HeaderBlocks } from './header-blocks.ts';

function number(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

/** A client's opening frame. */
async function syn(blocks: HeaderBlocks, id: number, headers: Record<string, string>, flags = 0): Promise<Buffer> {
  const block = await blocks.write(new Map(Object.entries(headers)));
  return controlFrame('syn-stream', Buffer.concat([number(id, 0), Buffer.alloc(2), block]), flags);
}

function connected() {
  const frames: Frame[] = [];
  const opened: SpdyStream[] = [];
  const heard: (string | undefined)[] = [];
  let isClosed = false;
  const read = spdyReader((frame) => void frames.push(frame));
  const connection = new SpdyConnection({ send: read, close: () => (isClosed = true) }, (stream) => {
    stream.onData = (bytes) => void heard.push(bytes?.toString());
    opened.push(stream);
  });
  return { connection, frames, opened, heard, isClosed: () => isClosed };
}

describe('a SPDY connection', () => {
  it('opens streams whose headers are compressed one after another, and carries data both ways', async () => {
    const { connection, frames, opened, heard } = connected();
    const blocks = new HeaderBlocks();
    connection.receive(await syn(blocks, 1, { streamtype: 'error', port: '80', requestid: '0' }, FIN));
    const second = await syn(blocks, 3, { streamtype: 'data', port: '80', requestid: '0' });
    for (const byte of second) connection.receive(Buffer.from([byte]));
    connection.receive(dataFrame(3, Buffer.from('hello'), FIN));
    await expect.poll(() => heard).toEqual([undefined, 'hello', undefined]);
    expect(opened.map(({ headers }) => headers.get('streamtype'))).toEqual(['error', 'data']);
    opened[1]?.send(Buffer.from('answer'));
    opened[1]?.end();
    expect(frames.map(({ kind, flags }) => [kind, flags])).toEqual([
      ['syn-reply', 0],
      ['syn-reply', 0],
      ['data', 0],
      ['data', FIN],
    ]);
  });

  it('answers a ping', async () => {
    const { connection, frames } = connected();
    connection.receive(controlFrame('ping', number(7)));
    await expect.poll(() => frames.map(({ bytes }) => bytes.toString('hex'))).toEqual(['00000007']);
  });

  it.each([
    ['another version', Buffer.from('8002000100000000', 'hex')],
    ['a frame beyond the limit', Buffer.from('8003000100ffffff', 'hex')],
    ['headers that are not compressed', controlFrame('syn-stream', Buffer.alloc(40, 1))],
  ])('is closed by %s', async (_, bytes) => {
    const { connection, isClosed } = connected();
    connection.receive(bytes);
    await expect.poll(isClosed).toBe(true);
  });
});
