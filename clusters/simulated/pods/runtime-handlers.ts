import type { Pod, RuntimeClass } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { Confinement } from './sandbox.ts';

/** What the container runtime of a node has, by handler: its type, as `io.containerd.runc.v2`. */
export type Handlers = ReadonlyMap<string, string>;

const GVISOR = 'io.containerd.runsc.v1';
/** Whose sandboxes are those that a lab makes, and gVisor's, as far as it is told from them (hosts/agent/answered.pl). */
const MODELLED = ['io.containerd.runc.v2', GVISOR];

/** The runtimes of the nodes, among which a pod's RuntimeClass chooses. */
export class RuntimeHandlers {
  readonly #cluster: Cluster;
  readonly #ofNodes = new Map<string, Handlers>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** That node's runtime has been started with these. */
  configure(node: string, handlers: Handlers): void {
    this.#ofNodes.set(node, handlers);
  }

  /**
   * Why the node makes no sandbox for the pod, in containerd's words (internal/cri/config, GetSandboxRuntime; server/sandbox_run.go);
   * undefined when it does. `id`: of the sandbox.
   */
  refusal(pod: Pod, id: string): string | undefined {
    const handler = this.#handlerOf(pod);
    const known = this.#ofNodes.get(pod.spec.nodeName ?? '');
    if (handler === undefined || known === undefined) return undefined;
    const type = known.get(handler);
    if (type === undefined)
      return `rpc error: code = Unknown desc = unable to get OCI runtime for sandbox "${id}": no runtime for "${handler}" is configured`;
    return MODELLED.includes(type) ? undefined : `not simulated: the runtime ${type}`;
  }

  /** The kind of the pod's sandbox, other than runc's. */
  sandboxOf(pod: Pod): Confinement['sandbox'] {
    const handler = this.#handlerOf(pod);
    if (handler === undefined) return undefined;
    return this.#ofNodes.get(pod.spec.nodeName ?? '')?.get(handler) === GVISOR ? 'gvisor' : undefined;
  }

  #handlerOf({ spec: { runtimeClassName } }: Pod): string | undefined {
    if (runtimeClassName === undefined) return undefined;
    const found = this.#cluster.get(this.#cluster.resource('runtimeclasses', 'node.k8s.io'), '', runtimeClassName);
    return (found as RuntimeClass | undefined)?.handler;
  }
}
