import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** Longest gRPC request that is read. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** gRPC status codes (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const GRPC = { ok: 0, invalidArgument: 3, internal: 13, unimplemented: 12 } as const;

export type GrpcAnswer = { readonly message: Buffer } | { readonly code: number; readonly text: string };

/**
 * Serves one unary call (github.com/grpc/grpc, PROTOCOL-HTTP2.md). @grpc/grpc-js would own its listener, and these are handed over
 * from a host.
 */
export function serveUnary(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  run: (message: Buffer) => Promise<GrpcAnswer>,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const read = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) {
      response.stream.close();
      return;
    }
    // A streaming client never ends its side; the length prefix says when its first message is whole.
    const whole = Buffer.concat(chunks);
    if (whole.length < 5 || whole.length < 5 + whole.readUInt32BE(1)) return;
    request.off('data', read);
    request.resume();
    run(whole.subarray(5, 5 + whole.readUInt32BE(1)))
      .catch((error: unknown) => ({
        code: GRPC.internal,
        text: error instanceof Error ? error.message : String(error),
      }))
      .then((reply) => send(response, reply))
      .catch(() => response.stream.close());
  };
  request.on('error', () => {}); // the client has gone
  request.on('data', read);
}

function send(response: Http2ServerResponse, reply: GrpcAnswer): void {
  if (response.stream.destroyed) return;
  response.writeHead(200, { 'content-type': 'application/grpc' });
  if ('code' in reply) {
    response.addTrailers({
      'grpc-status': reply.code,
      'grpc-message': encodeURIComponent(reply.text).replaceAll('%20', ' '),
    });
    response.end();
    return;
  }
  response.addTrailers({ 'grpc-status': GRPC.ok });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(reply.message.length, 1);
  response.end(Buffer.concat([prefix, reply.message]));
}
