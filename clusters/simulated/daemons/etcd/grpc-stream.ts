import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { EtcdRefusal } from './etcd-data.ts';

/** Longest gRPC message that is read: etcd takes requests of 1.5 MiB with some room around (etcdserver/api/v3rpc/grpc.go). */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;
/** What a client may be behind its stream before it is dropped. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** gRPC status codes (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const GRPC = { ok: 0, invalidArgument: 3, internal: 13, unimplemented: 12 } as const;

/** One call as its server sees it. */
export interface GrpcCall {
  send(message: Buffer): void;
  /** Ends the call: well, or with what went wrong. */
  end(error?: unknown): void;
}

/** What becomes of a call's messages. `closed` is told once, when the client is gone or the call has ended. */
export interface GrpcHandler {
  receive(message: Buffer): void;
  readonly closed?: () => void;
  /** The client has said all. */
  readonly finished?: () => void;
}

/**
 * Serves one call (github.com/grpc/grpc, PROTOCOL-HTTP2.md). @grpc/grpc-js would own its listener, and these are handed over from a host.
 */
export function serveCall(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  open: (call: GrpcCall) => GrpcHandler,
): void {
  const call = new Call(response);
  const handler = open(call);
  let pending: Buffer = Buffer.alloc(0);
  request.on('error', () => {}); // the client has gone
  response.on('close', () => handler.closed?.());
  request.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 5) {
      const length = pending.readUInt32BE(1);
      if (length > MAX_MESSAGE_BYTES) {
        response.stream.close();
        return;
      }
      if (pending.length < 5 + length) return;
      const message = pending.subarray(5, 5 + length);
      pending = pending.subarray(5 + length);
      try {
        handler.receive(message);
      } catch (error) {
        call.end(error);
      }
    }
  });
  request.on('end', () => handler.finished?.());
}

class Call implements GrpcCall {
  readonly #response: Http2ServerResponse;
  #ended = false;

  constructor(response: Http2ServerResponse) {
    this.#response = response;
  }

  send(message: Buffer): void {
    if (this.#gone) return;
    this.#begin();
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    this.#response.write(Buffer.concat([prefix, message]));
    if (this.#response.stream.writableLength > MAX_UNREAD_BYTES) this.#response.stream.close();
  }

  end(error?: unknown): void {
    if (this.#gone) return;
    this.#begin();
    this.#ended = true;
    this.#response.addTrailers(statusOf(error));
    this.#response.end();
  }

  get #gone(): boolean {
    return this.#ended || this.#response.stream.destroyed;
  }

  #begin(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': 'application/grpc' });
  }
}

function statusOf(error: unknown): Record<string, string | number> {
  if (error === undefined) return { 'grpc-status': GRPC.ok };
  const malformed = error instanceof RangeError ? GRPC.invalidArgument : GRPC.internal;
  return {
    'grpc-status': error instanceof EtcdRefusal ? error.code : malformed,
    'grpc-message': encodeURIComponent(error instanceof Error ? error.message : 'internal error').replaceAll(
      '%20',
      ' ',
    ),
  };
}
