import type { HostName } from '../protocol/host.ts';
import type { LabId } from '../protocol/ids.ts';
import type { BackendName, Identity } from '../protocol/scenario.ts';
import type { Host, KubeAccess, Lab, Vantage } from './cluster.ts';

/** A lab under another id than the one it was made with. */
export class RenamedLab implements Lab {
  readonly id: LabId;
  readonly backend: BackendName;
  readonly #lab: Lab;

  constructor(id: LabId, lab: Lab) {
    this.id = id;
    this.backend = lab.backend;
    this.#lab = lab;
  }

  host(name: HostName): Promise<Host> {
    return this.#lab.host(name);
  }

  kubeAccess(identity: Identity): Promise<KubeAccess> {
    return this.#lab.kubeAccess(identity);
  }

  readEtcd(key: string): Promise<Uint8Array | undefined> {
    return this.#lab.readEtcd(key);
  }

  stranger(): Promise<Vantage> {
    return this.#lab.stranger();
  }

  reset(signal: AbortSignal, progress?: (step: string) => void): Promise<void> {
    return this.#lab.reset(signal, progress);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#lab[Symbol.asyncDispose]();
  }
}
