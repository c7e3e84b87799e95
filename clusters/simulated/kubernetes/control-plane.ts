import type { Server } from 'node:net';
import type { Clock } from './clock.ts';
import type { Randomness } from './randomness.ts';
import type { Resource } from './resources/resource.ts';
import type { Cluster } from './store/cluster.ts';
import type { StoreSnapshot } from './store/store.ts';
import type { KubeletClient } from './apiserver/kubelet-client.ts';
import type { Secure } from './apiserver/security.ts';

export interface ControlPlaneOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Built-in rows; a CustomResourceDefinition adds more at run time. */
  readonly rows: readonly Resource[];
  readonly secure: Secure;
  /** Absent: log, exec, attach and portforward answer `not simulated: …`. */
  readonly kubelet?: KubeletClient;
  /** One line a problem that an operator would look for in the API server's log. */
  readonly log: (line: string) => void;
}

/** A kube-apiserver with its store: one a lab. */
export interface ControlPlane {
  /** Works while the API server is down too, as etcd does. */
  readonly cluster: Cluster;
  readonly up: boolean;
  /** Starts, or restarts over the same store: connections of the one before are closed. Says why when it stays down. */
  start(argv: readonly string[]): Promise<StartOutcome>;
  /** Ends every connection. Listeners belong to the caller, who closes them so that clients are refused. */
  stop(): void;
  /** Speaks TLS and HTTP on the connections that this listener accepts, until disposed. */
  serve(server: Server): Disposable;
  snapshot(): StoreSnapshot;
  /** Back to that state; watchers end, the cluster's own parts are told of every difference. */
  restore(snapshot: StoreSnapshot): void;
  /** The raw value at rest; undefined when absent. */
  readEtcd(key: string): Buffer | undefined;
  /** Keys at rest in order that begin so, for etcdctl. */
  etcdKeys(prefix: string): readonly string[];
}

export type StartOutcome = { readonly ok: true } | { readonly failed: string };
