import type { Duplex } from 'node:stream';
import type { Shell } from '../cluster.ts';
import { encodePacket } from './packets.ts';

/** Keys are sent in pieces of this many bytes, so that a big paste is held back piece by piece. */
const KEYS_PIECE = 16 * 1024;

const MAX_SIZE = 1000;

/** What a terminal is told over the connection to its keeper (`pump_terminal` in keeper.pl): keys, and how big it is. */
export function terminalInput(connection: Duplex): Pick<Shell, 'write' | 'resize'> {
  return {
    async write(keys) {
      for (let at = 0; at < keys.length; at += KEYS_PIECE) {
        await written(connection, encodePacket(0, keys.subarray(at, at + KEYS_PIECE)));
      }
    },
    resize(cols, rows) {
      const size = Buffer.alloc(4);
      size.writeUInt16BE(boundedSize(rows), 0);
      size.writeUInt16BE(boundedSize(cols), 2);
      if (connection.writable) connection.write(encodePacket(3, size));
    },
  };
}

/** Asks the keeper to end the terminal's program and what it started. */
export const endTerminal = async (connection: Duplex): Promise<void> => written(connection, encodePacket(4, ''));

/** Rows or columns as a terminal can have them. */
export const boundedSize = (length: number): number => Math.max(1, Math.min(MAX_SIZE, Math.trunc(length) || 1));

/** Throws when the name of a shell's session is not one that can be a file's name. */
export function assertSession(session: string): void {
  if (!/^[\w.-]{1,64}$/.test(session) || /^\.+$/.test(session))
    throw new TypeError(`a session is named by letters and digits: ${session}`);
}

async function written(connection: Duplex, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
