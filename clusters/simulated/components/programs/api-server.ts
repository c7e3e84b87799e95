import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type Server, createServer } from 'node:net';
import type { ControlPlane } from '../../kubernetes/control-plane.ts';
import type { Clock } from '../../clock.ts';
import type { Component } from '../component.ts';
import { klogLine } from '../klog.ts';

/** Where the API server is reachable. Both are closed while it is down, so that clients are refused. */
export interface ApiAddresses {
  /** Port on 127.0.0.1 of this machine, for tools and the grader; 0 takes any free one, and keeps it. */
  loopbackPort: number;
  /** Listens inside the lab on its controlplane; undefined while the lab has no machines. */
  inside: ((port: number) => Promise<Server>) | undefined;
}

const DEFAULT_SECURE_PORT = 6443;
/** kubeadm's probes wait so long. */
const PROBE_MS = 15_000;

/** kube-apiserver as the static pod runner starts it: the control plane with its listeners. */
export class ApiServerComponent implements Component {
  readonly #plane: ControlPlane;
  readonly #addresses: ApiAddresses;
  readonly #clock: Clock;
  readonly #etcdProblem: () => string | undefined;
  #listeners = new AsyncDisposableStack();

  /** `etcdProblem`: why etcd is not reached now, if it is not. */
  constructor(
    plane: ControlPlane,
    addresses: ApiAddresses,
    clock: Clock,
    etcdProblem: () => string | undefined = () => undefined,
  ) {
    this.#plane = plane;
    this.#etcdProblem = etcdProblem;
    this.#clock = clock;
    this.#addresses = addresses;
  }

  get loopbackPort(): number {
    return this.#addresses.loopbackPort;
  }

  async start(argv: readonly string[], log: (line: string) => void): Promise<string | undefined> {
    const outcome = await this.#plane.start(argv);
    if ('failed' in outcome) return outcome.failed;
    const withoutEtcd = this.#etcdProblem();
    if (withoutEtcd !== undefined) {
      this.#plane.stop();
      return this.#givesUp(withoutEtcd);
    }
    try {
      const loopback = await listenOnLoopback(this.#addresses.loopbackPort);
      this.#addresses.loopbackPort = (loopback.address() as { port: number }).port;
      this.#open(loopback);
      if (this.#addresses.inside !== undefined) this.#open(await this.#addresses.inside(securePort(argv)));
    } catch (error) {
      await this.stop();
      return `failed to create listener: ${(error as Error).message}`;
    }
    log(klogLine(this.#clock, 'I', 'secure_serving.go:211', `Serving securely on [::]:${securePort(argv)}`));
    return undefined;
  }

  isDoubtful(): boolean {
    return this.#etcdProblem() !== undefined;
  }

  /** What it says twenty seconds after it began to look for etcd (etcd's client, pkg/controlplane/instance.go). */
  #givesUp(problem: string): string {
    const [, address = ''] = /dial tcp ([^:]+:\d+)/.exec(problem) ?? [];
    const lost = `[core] [Channel #1 SubChannel #2]grpc: addrConn.createTransport failed to connect to {Addr: "${address}", ServerName: "${address}", }. Err: connection error: desc = "transport: Error while dialing: dial tcp ${address}: connect: connection refused"`;
    const fatal = 'Error creating leases: error creating storage factory: context deadline exceeded';
    return [
      klogLine(this.#clock, 'W', 'logging.go:55', lost),
      klogLine(this.#clock, 'F', 'instance.go:233', fatal),
    ].join('\n');
  }

  async statusOf(path: string): Promise<number> {
    const asked = request({
      host: '127.0.0.1',
      port: this.#addresses.loopbackPort,
      path,
      agent: false,
      rejectUnauthorized: false, // as probes do
      signal: AbortSignal.timeout(PROBE_MS),
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  }

  /** Opens the listener inside the lab when its machines come up after the API server. */
  async openInside(inside: (port: number) => Promise<Server>, argv: readonly string[]): Promise<void> {
    this.#addresses.inside = inside;
    if (this.#plane.up) this.#open(await inside(securePort(argv)));
  }

  /** The machine it listened on is gone; it starts on loopback alone until there is another. */
  leaveInside(): void {
    this.#addresses.inside = undefined;
  }

  async stop(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = new AsyncDisposableStack();
    this.#plane.stop();
    await listeners.disposeAsync();
  }

  #open(server: Server): void {
    const serving = this.#plane.serve(server);
    this.#listeners.defer(async () => {
      serving[Symbol.dispose]();
      await new Promise((closed) => server.close(closed));
    });
  }
}

const securePort = (argv: readonly string[]): number => {
  const flag = argv.find((argument) => argument.startsWith('--secure-port='));
  return Number(flag?.split('=')[1] ?? DEFAULT_SECURE_PORT) || DEFAULT_SECURE_PORT;
};

async function listenOnLoopback(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
