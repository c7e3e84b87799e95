import type { Clock } from '../../clock.ts';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import type { Options } from '../command-line.ts';
import type { ClusterClient } from './cluster-client.ts';

/** One verb of kubeadm that is called. */
export interface KubeadmCall {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** kubeadm's own, as in `v1.36.2`. */
  readonly release: string;
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
  /** The cluster as the bearer of a kubeconfig of the host sees it. Throws `KubeadmError`. */
  readonly cluster: (kubeconfig: string) => Promise<ClusterClient>;
}

/** What every verb that needs the cluster's configuration says first; `phase` stands in brackets. */
export const readingConfiguration = (phase: string): string =>
  `[${phase}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...\n` +
  `[${phase}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.\n`;
