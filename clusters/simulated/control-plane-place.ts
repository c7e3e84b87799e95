import type { SeedFile } from '../cluster.ts';
import { type NodeFiles, filesInMemory, filesOfHost, followingFiles } from './components/node/node-files.ts';
import type { SimulatedHost } from './hosts/simulated-host.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { directDial, noNetworkYet, type Dial } from './kubernetes/callout/https-call.ts';
import { dialFromHost } from './network/dial-from-host.ts';

const API_SERVER = new URL(CLUSTER_PLAN.endpoint);

/** Where the control plane's programs are: among the files that the controlplane is going to have, and then on that host. */
export class ControlPlanePlace {
  /** Whatever the files are at the moment. */
  readonly files: NodeFiles = followingFiles(() => this.#files);
  /** Connects as a program on the controlplane does. What has no network of its own calls webhooks from this machine. */
  readonly dial: Dial = (host, port, signal) => this.#dial(host, port, signal);
  readonly #withHosts: boolean;
  readonly #loopbackPort: () => number;
  #files: NodeFiles = filesInMemory([]);
  #dial: Dial;
  #host: SimulatedHost | undefined;
  #isSeeded: (path: string) => boolean = () => true;

  /** `loopbackPort`: where the API server is reached on this machine. */
  constructor(withHosts: boolean, loopbackPort: () => number) {
    this.#withHosts = withHosts;
    this.#loopbackPort = loopbackPort;
    this.#dial = this.#outside;
  }

  /** Starts over with these files. Those of kubeadm in whose place a scenario has put its own are seeded. */
  begin(files: readonly SeedFile[], isSeeded: (path: string) => boolean): void {
    this.#files = filesInMemory(files);
    this.#isSeeded = isSeeded;
  }

  /** From now on the host's files are the truth, and its network the way out. */
  moveInto(host: SimulatedHost): void {
    this.#host = host;
    this.#files = filesOfHost(host);
    this.#dial = dialFromHost(host);
  }

  /** The host is gone. */
  leave(): void {
    this.#host = undefined;
    this.#dial = this.#outside;
  }

  /** Whether a file must still be as kubeadm made it: nobody could touch it yet. */
  isAsLaid(path: string): boolean {
    return this.#host === undefined && !this.#isSeeded(path);
  }

  /** Connects to the API server as its node's programs do. Without a host its address is nowhere but in their kubeconfigs. */
  get dialApiServer(): Dial {
    return (host, port, signal) => {
      const isIts = host === API_SERVER.hostname && port === Number(API_SERVER.port);
      if (this.#withHosts) return this.#dial(host, port, signal);
      return isIts ? directDial('127.0.0.1', this.#loopbackPort(), signal) : noNetworkYet(host, port, signal);
    };
  }

  /** Nobody reaches this machine through the webhooks of a lab that gets a network of its own. */
  get #outside(): Dial {
    return this.#withHosts ? noNetworkYet : directDial;
  }
}
