import { daemonSetController } from '../kubernetes/controllers/daemon-set.ts';
import { deploymentController } from '../kubernetes/controllers/deployment/controller.ts';
import { endpointsController } from '../kubernetes/controllers/endpoints.ts';
import { eventRecorder } from '../kubernetes/controllers/events.ts';
import { garbageCollector } from '../kubernetes/controllers/garbage-collector.ts';
import { type Controller, type RunningControllers, runControllers } from '../kubernetes/controllers/controller.ts';
import { namespaceController } from '../kubernetes/controllers/namespace.ts';
import { namespaceDefaultsController } from '../kubernetes/controllers/namespace-defaults.ts';
import { replicaSetController } from '../kubernetes/controllers/replica-set.ts';
import type { Randomness } from '../kubernetes/randomness.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { Component } from './component.ts';

export interface ControllerManagerOptions {
  readonly randomness: Randomness;
  /** PEM of the cluster's authority, for `kube-root-ca.crt`. */
  readonly certificateAuthority: string;
}

/** kube-controller-manager's loops. */
export function controllersOf(
  cluster: Cluster,
  { randomness, certificateAuthority }: ControllerManagerOptions,
): Controller[] {
  const record = eventRecorder(cluster);
  return [
    deploymentController(cluster, record),
    replicaSetController(cluster, record, cluster.resource('replicasets', 'apps')),
    replicaSetController(cluster, record, cluster.resource('replicationcontrollers')),
    daemonSetController(cluster, record),
    endpointsController(cluster, randomness),
    namespaceController(cluster),
    namespaceDefaultsController(cluster, () => certificateAuthority),
    garbageCollector(cluster, cluster.resources()),
  ];
}

/** Loops that run as long as their static pod does. */
export class ControllersComponent implements Component {
  readonly #make: () => readonly Controller[];
  readonly #cluster: Cluster;
  readonly #log: (line: string) => void;
  #running: RunningControllers | undefined;

  constructor(cluster: Cluster, make: () => readonly Controller[], log: (line: string) => void) {
    this.#cluster = cluster;
    this.#make = make;
    this.#log = log;
  }

  start(): Promise<undefined> {
    this.#running ??= runControllers(this.#cluster, this.#make(), this.#log);
    return Promise.resolve(undefined);
  }

  stop(): Promise<void> {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    return Promise.resolve();
  }

  idle(): Promise<void> {
    return this.#running?.idle() ?? Promise.resolve();
  }
}
