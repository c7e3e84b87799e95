import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type Server, createServer } from 'node:net';
import type { ControlPlane } from '../../kubernetes/control-plane.ts';
import type { Clock } from '../../clock.ts';
import type { HostDaemon } from '../../hosts/host-daemon.ts';
import type { Component } from '../component.ts';
import { flagOf } from '../flags/flag-of.ts';
import { klogLine } from '../klog.ts';
import { servedAddress, shownAddress } from './served-address.ts';

const DEFAULT_SECURE_PORT = 6443;
/** kubeadm's probes wait so long. */
const PROBE_MS = 15_000;

/**
 * kube-apiserver as the static pod runner starts it: the control plane with its listeners, one of this machine for tools and the grader, and
 * one inside the lab once that has machines. They are closed while it is down, so that clients are refused.
 */
export class ApiServerComponent implements Component {
  readonly #plane: ControlPlane;
  #loopbackPort: number;
  readonly #clock: Clock;
  readonly #etcdProblem: () => string | undefined;
  #listeners = new AsyncDisposableStack();

  /** `loopbackPort`: on 127.0.0.1; 0 takes any free one, and keeps it. `etcdProblem`: why etcd is not reached now, if it is not. */
  constructor(
    plane: ControlPlane,
    loopbackPort: number,
    clock: Clock,
    etcdProblem: () => string | undefined = () => undefined,
  ) {
    this.#plane = plane;
    this.#etcdProblem = etcdProblem;
    this.#clock = clock;
    this.#loopbackPort = loopbackPort;
  }

  get loopbackPort(): number {
    return this.#loopbackPort;
  }

  async start(argv: readonly string[], log: (line: string) => void, daemon?: HostDaemon): Promise<string | undefined> {
    const outcome = await this.#plane.start(argv);
    if ('failed' in outcome) return outcome.failed;
    const withoutEtcd = this.#etcdProblem();
    if (withoutEtcd !== undefined) {
      this.#plane.stop();
      return this.#givesUp(withoutEtcd);
    }
    try {
      const loopback = await listenOnLoopback(this.#loopbackPort);
      this.#loopbackPort = (loopback.address() as { port: number }).port;
      this.#open(loopback);
      if (daemon !== undefined) await this.enter(daemon, argv);
    } catch (error) {
      await this.stop();
      return `failed to create listener: ${(error as Error).message}`;
    }
    log(
      klogLine(
        this.#clock,
        'I',
        'secure_serving.go:211',
        `Serving securely on ${shownAddress(servedOn(argv))}:${securePort(argv)}`,
      ),
    );
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
      port: this.#loopbackPort,
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

  async enter(daemon: HostDaemon, argv: readonly string[]): Promise<void> {
    if (this.#plane.up) this.#open(await daemon.listen(securePort(argv), servedAddress(servedOn(argv))));
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

const securePort = (argv: readonly string[]): number => Number(flagOf(argv, 'secure-port') ?? DEFAULT_SECURE_PORT);

const servedOn = (argv: readonly string[]): string => flagOf(argv, 'bind-address') ?? '0.0.0.0';

async function listenOnLoopback(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
