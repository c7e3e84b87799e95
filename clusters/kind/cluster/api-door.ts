import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { Host } from '../../cluster.ts';

export interface ApiDoorOptions {
  /** Where kind has published the API server: `https://127.0.0.1:<port>`. */
  readonly published: string;
  readonly controlPlane: Pick<Host, 'dial'>;
  readonly now: () => number;
}

const API_PORT = 6443;
/** How long a TLS handshake on loopback may take, and how long its outcome is believed; milliseconds. Ordinarily it takes 10. */
const KNOCK_MS = 500;
const BELIEVED_MS = 2000;
const DIAL_MS = 10_000;

/**
 * The way to the API server from this machine. Docker forwards the published port from the lab network's gateway, which is none of the
 * lab's machines: a learner who lets only those in, as the breach asks, shuts us out as well. Then connections are made on the control
 * plane itself, over its loopback, by a listener of our own.
 */
export class ApiDoor implements AsyncDisposable {
  readonly #options: ApiDoorOptions;
  #believed: { readonly until: number; readonly isOpen: Promise<boolean> } | undefined;
  #inner: Promise<Inner> | undefined;

  constructor(options: ApiDoorOptions) {
    this.#options = options;
  }

  /** `https://127.0.0.1:<port>`, behind which the API server answers if it does at all. */
  async server(): Promise<string> {
    const { published, now } = this.#options;
    if (this.#believed === undefined || this.#believed.until < now())
      this.#believed = { until: now() + BELIEVED_MS, isOpen: shakesHands(new URL(published)) };
    if (await this.#believed.isOpen) return published;
    this.#inner ??= openInner(this.#options.controlPlane);
    return (await this.#inner).server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const inner = this.#inner;
    this.#inner = undefined;
    await (await inner)?.[Symbol.asyncDispose]();
  }
}

interface Inner extends AsyncDisposable {
  readonly server: string;
}

/** A listener on loopback whose connections go on from the control plane's own. */
async function openInner(controlPlane: Pick<Host, 'dial'>): Promise<Inner> {
  const open = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    void joined(socket, controlPlane).catch(() => socket.destroy());
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return {
    server: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Where the API server is down, the client sees what it would on the published port: a connection that ends at once. */
async function joined(socket: Socket, controlPlane: Pick<Host, 'dial'>): Promise<void> {
  const dialled = await controlPlane.dial('127.0.0.1', API_PORT, AbortSignal.timeout(DIAL_MS));
  if (dialled.outcome !== 'open') return void socket.destroy();
  const inside = dialled.socket;
  inside.on('error', () => socket.destroy()).once('close', () => socket.destroy());
  socket.once('close', () => inside.destroy());
  socket.pipe(inside).pipe(socket);
}

/** Docker takes every connection to a published port; only what answers tells whether it reaches the API server. */
function shakesHands({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    // Who it is, the caller checks with the cluster's authority.
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    const decide = (isOpen: boolean): void => {
      resolve(isOpen);
      socket.destroy();
    };
    socket.setTimeout(KNOCK_MS, () => decide(false));
    socket.once('secureConnect', () => decide(true)).once('error', () => decide(false));
  });
}
