import type { HostName } from '../../../protocol/host.ts';
import type { Host, SeedFile } from '../../cluster.ts';

/** What is known of a lab when its hosts are made fit for a scenario. */
export interface LabFacts {
  /** IPv4 on the lab's network, by host. */
  readonly addresses: ReadonlyMap<HostName, string>;
  /** The administrator's kubeconfig as it works inside the lab: `https://controlplane:6443`. */
  readonly adminKubeconfig: string;
}

/** One thing done to a host, with its words for a failure: `starting SSH`. */
export interface PrepareStep {
  readonly doing: string;
  run(host: Host, signal: AbortSignal): Promise<void>;
}

/**
 * What makes a node (`controlplane`, `node01`) the scenario's machine, in order: names, accounts, files, services. `files` are the
 * seed's of all hosts.
 */
export function nodeSteps(name: HostName, files: readonly SeedFile[], facts: LabFacts): readonly PrepareStep[] {
  throw new Error(`not built yet: ${name} ${files.length} ${facts.addresses.size}`);
}

/** The same for `workstation`, `bastion` and `internet`. */
export function hostSteps(name: HostName, files: readonly SeedFile[], facts: LabFacts): readonly PrepareStep[] {
  throw new Error(`not built yet: ${name} ${files.length} ${facts.addresses.size}`);
}

/** Runs the steps one after the other. Throws `LabError` that names the host and the step. */
export async function prepareHost(host: Host, steps: readonly PrepareStep[], signal: AbortSignal): Promise<void> {
  for (const step of steps) await step.run(host, signal);
}

/** Names by which clients inside the lab reach the API server: kubeadm's `apiServer.certSANs`. */
export const API_SERVER_NAMES: readonly string[] = ['controlplane', 'localhost', '127.0.0.1'];
