import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { UpgradeCall } from '../kubernetes/apiserver/kubelet-client.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { PodRuntime } from './pod-runtime.ts';
import { SpdyConnection, type SpdyStream } from './spdy/connection.ts';

/** SPDY inside of a WebSocket's binary messages (k8s.io/apimachinery/pkg/util/portforward/constants.go). */
export const PORT_FORWARD_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

const HIGH_WATER = 512 * 1024;

const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024, perMessageDeflate: false });
// Its name has a slash, which no WebSocket library takes for a protocol's: it is negotiated past it.
server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${PORT_FORWARD_PROTOCOL}`));

/** Serves one `kubectl port-forward`: each connection is a pair of streams, `error` and `data`, with the port in their headers. */
export function forwardPorts(
  pod: Pod,
  { request, socket, head }: UpgradeCall,
  { runtime }: { readonly runtime: PodRuntime },
): void {
  const { 'sec-websocket-protocol': _, ...headers } = request.headers;
  const plain = Object.create(request, { headers: { value: headers } }) as IncomingMessage;
  server.handleUpgrade(plain, socket, head, (webSocket) => {
    const errors = new Map<string, SpdyStream>();
    const connection = new SpdyConnection(
      {
        send: (bytes) => {
          if (webSocket.readyState === WebSocket.OPEN) webSocket.send(bytes);
        },
        close: () => webSocket.terminate(),
      },
      (stream) => {
        const id = stream.headers.get('requestid') ?? '';
        if (stream.headers.get('streamtype') === 'error') errors.set(id, stream);
        else {
          const port = Number(stream.headers.get('port'));
          const error = errors.get(id);
          errors.delete(id);
          carry(stream, error, port, webSocket, () => runtime.connect(pod, port)).catch(() => webSocket.terminate());
        }
      },
    );
    webSocket.on('message', (data: RawData) =>
      connection.receive(Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)),
    );
    webSocket.on('error', () => webSocket.terminate());
    webSocket.once('close', () => connection[Symbol.dispose]());
  });
}

async function carry(
  stream: SpdyStream,
  error: SpdyStream | undefined,
  port: number,
  webSocket: WebSocket,
  open: () => Promise<Duplex | undefined>,
): Promise<void> {
  const early: (Buffer | undefined)[] = [];
  stream.onData = (bytes) => void early.push(bytes);
  const target = await open();
  if (target === undefined) {
    const why = `failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`;
    error?.send(
      Buffer.from(
        `error forwarding port ${port} to pod, uid : failed to execute portforward in network namespace: ${why}`,
      ),
    );
    error?.end();
    stream.end();
    return;
  }
  target.on('error', () => target.destroy());
  stream.onData = (bytes) => {
    if (bytes === undefined) target.end();
    else if (target.writable && !target.write(bytes)) {
      webSocket.pause();
      const go = (): void => webSocket.resume();
      target.once('drain', go);
      target.once('close', go);
    }
  };
  for (const bytes of early) stream.onData(bytes);
  target.on('data', (bytes: Buffer) => {
    stream.send(bytes);
    if (webSocket.bufferedAmount < HIGH_WATER) return;
    target.pause();
    const wait = setInterval(() => {
      if (webSocket.bufferedAmount > HIGH_WATER / 2 && webSocket.readyState === WebSocket.OPEN) return;
      clearInterval(wait);
      target.resume();
    }, 5);
  });
  const finish = (): void => {
    stream.end();
    error?.end();
  };
  target.once('end', finish);
  target.once('close', finish);
}
