import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { readBody } from '../../http-body.ts';
import type { Engine } from '../engine.ts';
import { EngineRefusal } from '../refusal.ts';

/** One request to the engine, on its way to an answer. */
export interface Exchange {
  readonly engine: Engine;
  readonly host: string;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** What was captured of the path: ids, references. */
  readonly name: string;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** How to answer, or the connection itself where the client asked for that (`Upgrade: tcp`). */
  readonly to: { readonly response: ServerResponse } | { readonly socket: Duplex };
}

/** An answer in JSON; without a body, its status alone. Undefined when the handler has answered by itself. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;

export const isTrue = ({ query }: Exchange, name: string): boolean =>
  ['1', 'true', 'True'].includes(query.get(name) ?? '');

/** The body of a request as JSON. Throws `EngineRefusal`. */
export async function jsonBody({ request, to }: Exchange): Promise<unknown> {
  const text = 'socket' in to ? await bodyOfUpgraded(request, to.socket) : await readBody(request);
  if (text === undefined) throw new EngineRefusal(400, 'the body is too long');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineRefusal(400, 'invalid JSON: the body is not JSON', { cause });
  }
}

const MAX_BODY = 64 * 1024;

/** Node leaves the body of a request for an upgrade in the connection. */
async function bodyOfUpgraded({ headers }: IncomingMessage, socket: Duplex): Promise<string | undefined> {
  const length = Number(headers['content-length'] ?? 0);
  if (length > MAX_BODY) return undefined;
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    const chunk: Buffer | null = socket.read() as Buffer | null;
    if (chunk !== null) bytes = Buffer.concat([bytes, chunk]);
    else if (socket.readableEnded || socket.destroyed) break;
    else
      await new Promise<void>((resolve) => {
        const go = (): void => {
          for (const event of ['readable', 'end', 'close']) socket.off(event, go);
          resolve();
        };
        for (const event of ['readable', 'end', 'close']) socket.once(event, go);
      });
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length));
  return bytes.toString('utf8', 0, length);
}
