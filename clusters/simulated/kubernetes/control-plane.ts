import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { STORED_PLAIN, type EncryptionAtRest } from './encryption/transformer.ts';
import type { ComponentHealth } from './apiserver/component-health.ts';
import { serveCustomResources } from './apiserver/custom-resources/rows.ts';
import { tellDanglingFlowSchemas } from './apiserver/flow-schema-status.ts';
import type { ServerParts } from './apiserver/http/exchange.ts';
import { Batch } from './apiserver/http/batch.ts';
import { TlsListener } from './apiserver/http/listener.ts';
import { Metrics } from './apiserver/http/metrics.ts';
import { Pipeline } from './apiserver/http/pipeline.ts';
import type { KubeletClient } from './apiserver/kubelet-client.ts';
import type { ProxyNetwork } from './apiserver/proxy/network.ts';
import type { Registry } from './apiserver/registry/context.ts';
import { RowTable } from './apiserver/registry/rows.ts';
import { route } from './apiserver/routes.ts';
import type { Secure, Security } from './apiserver/security.ts';
import type { Clock } from '../clock.ts';
import type { Randomness } from './randomness.ts';
import type { Resource } from './resources/resource.ts';
import type { Cluster } from './store/cluster.ts';
import { InProcessCluster } from './store/in-process-cluster.ts';
import { KeySpace } from './store/key-space.ts';
import { bytesAtRest, sealedKeeping } from './store/sealed-keeping.ts';
import { Store, type StoreSnapshot } from './store/store.ts';

export interface ControlPlaneOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Built-in rows; a CustomResourceDefinition adds more at run time. */
  readonly rows: readonly Resource[];
  readonly secure: Secure;
  /** Absent: log, exec, attach and portforward answer `not simulated: …`. */
  readonly kubelet?: KubeletClient;
  /** The other parts of the control plane, as `componentstatuses` tells of them; absent: there are none. */
  readonly componentHealth?: ComponentHealth;
  /** Absent: pods, Services and nodes are not reached through the API server. */
  readonly network?: ProxyNetwork;
  /** One line a problem that an operator would look for in the API server's log. */
  readonly log: (line: string) => void;
}

export type StartOutcome = { readonly ok: true } | { readonly failed: string };

/** A kube-apiserver with its store: one a lab. */
export interface ControlPlane {
  /** Works while the API server is down too, as etcd does. */
  readonly cluster: Cluster;
  /** The same as etcd has it, for whoever goes past the API server. */
  readonly keys: KeySpace;
  readonly up: boolean;
  /** Starts, or restarts over the same store: connections of the one before are closed. Says why when it stays down. */
  start(argv: readonly string[]): Promise<StartOutcome>;
  /** Ends every connection. Listeners belong to the caller, who closes them so that clients are refused. */
  stop(): void;
  /**
   * Speaks TLS and HTTP on the connections that this listener accepts, until disposed; survives restarts. While the API server is down
   * connections are reset: the caller closes the listener for `connection refused`.
   */
  serve(server: Server): Disposable;
  /** Rereads encryption at rest (`--encryption-provider-config-automatic-reload`): later writes use it, what lies there stays. */
  encryptWith(encryption: EncryptionAtRest): void;
  snapshot(): StoreSnapshot;
  /** Back to that state; watches end, the cluster's own parts are told of every difference. */
  restore(snapshot: StoreSnapshot): void;
  /** The raw value at rest; undefined when absent. */
  readEtcd(key: string): Buffer | undefined;
  /** Keys at rest, in order, that begin so. */
  etcdKeys(prefix: string): readonly string[];
}

/** Makes a control plane that is down until `start`. Cheap: tables are shared by all of them. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  return new SimulatedControlPlane(options);
}

interface Running {
  readonly security: Security;
  readonly listener: TlsListener;
  /** Requests that came and were not begun: those of the server before are never answered by its rules. */
  readonly arrived: Batch;
}

class SimulatedControlPlane implements ControlPlane {
  readonly cluster: Cluster;
  readonly keys: KeySpace;
  readonly #options: ControlPlaneOptions;
  readonly #registry: Registry;
  readonly #metrics = new Metrics();
  #running: Running | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.cluster = new InProcessCluster(() => this.#registry);
    this.#registry = {
      store: new Store((error) => options.log(`a listener of the store failed: ${String(error)}`)),
      clock: options.clock,
      randomness: options.randomness,
      rows: new RowTable(options.rows),
      cluster: this.cluster,
      admission: undefined,
    };
    this.keys = new KeySpace(this.#registry.store, this.#registry.rows);
    this.encryptWith(STORED_PLAIN);
    serveCustomResources(this.#registry);
    tellDanglingFlowSchemas(this.#registry);
  }

  get up(): boolean {
    return this.#running !== undefined;
  }

  async start(argv: readonly string[]): Promise<StartOutcome> {
    this.stop();
    const made = await this.#options.secure(argv, this.cluster);
    if ('failed' in made) return made;
    const security = made.ok;
    const parts: ServerParts = {
      registry: this.#registry,
      security,
      cluster: this.cluster,
      kubelet: this.#options.kubelet,
      componentHealth: this.#options.componentHealth ?? {},
      network: this.#options.network,
      metrics: this.#metrics,
      log: this.#options.log,
    };
    const pipeline = new Pipeline(parts, route);
    const arrived = new Batch();
    let listener: TlsListener;
    try {
      listener = new TlsListener(security.serving, {
        request: (request, response) => arrived.add(() => void pipeline.handle(request, response)),
        upgrade: (request, socket, head) => upgrade(pipeline, request, socket, head),
      });
    } catch (error) {
      // Node's TLS refuses keys and ciphers that do not fit.
      security[Symbol.dispose]();
      return { failed: `error: unable to start the secure server: ${(error as Error).message}` };
    }
    this.#registry.admission = security.admission;
    this.encryptWith(security.encryption);
    this.#running = { security, listener, arrived };
    return { ok: true };
  }

  stop(): void {
    const running = this.#running;
    this.#running = undefined;
    this.#registry.admission = undefined;
    running?.arrived[Symbol.dispose]();
    running?.listener[Symbol.dispose]();
    running?.security[Symbol.dispose]();
  }

  serve(server: Server): Disposable {
    const accept = (socket: Socket): void => {
      if (this.#running) this.#running.listener.accept(socket);
      else socket.resetAndDestroy();
    };
    server.on('connection', accept);
    return { [Symbol.dispose]: () => void server.off('connection', accept) };
  }

  encryptWith(encryption: EncryptionAtRest): void {
    const { store, rows } = this.#registry;
    const secrets = rows.byPlural('secrets', '');
    const kept = new Map(
      rows.all
        .filter(
          (row) =>
            !row.conversion &&
            (row === secrets || encryption.transformerFor(row) !== undefined || store.isSealed(row.storagePrefix)),
        )
        .map((row) => [row.storagePrefix, sealedKeeping(row, encryption)]),
    );
    store.keepBy((prefix) => kept.get(prefix));
  }

  snapshot(): StoreSnapshot {
    return this.#registry.store.snapshot();
  }

  restore(snapshot: StoreSnapshot): void {
    this.#running?.listener.closeConnections();
    this.keys.clear();
    this.#registry.store.restore(snapshot);
  }

  readEtcd(key: string): Buffer | undefined {
    for (const row of this.#registry.rows.all) {
      if (row.conversion || !key.startsWith(`${row.storagePrefix}/`)) continue;
      const entry = this.#registry.store.shelf(row.storagePrefix).entry(key.slice(row.storagePrefix.length + 1));
      if (entry) return bytesAtRest(entry.kept, row);
    }
    return undefined;
  }

  etcdKeys(prefix: string): readonly string[] {
    const keys = [...this.#registry.store.entries()].map((entry) => `${entry.prefix}/${entry.key}`);
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }
}

/** An upgrade has no response object of its own until it is refused. */
function upgrade(pipeline: Pipeline, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const response = new ServerResponse(request);
  response.assignSocket(socket as Socket);
  response.setHeader('Connection', 'close');
  response.once('finish', () => socket.end());
  socket.on('error', () => socket.destroy());
  void pipeline.handle(request, response, { socket, head });
}
