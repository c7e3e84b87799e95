import type { ModelledServer } from '../images/models/model.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { SandboxedPod } from '../pods/sandbox.ts';

export interface DatagramsRequest {
  /** The modelled servers of a pod by the UDP ports that they have, once those that start have started. */
  readonly hearing: (pod: Pod) => Promise<ReadonlyMap<number, ModelledServer>>;
  /** The sandbox of a pod, which is made for that. */
  readonly sandboxOf: (pod: Pod) => Promise<SandboxedPod>;
  readonly log: (line: string) => void;
}

/** The UDP ports of modelled servers, open in their pods from when the pod is seen with them until it goes. */
export class Datagrams implements Disposable {
  readonly #request: DatagramsRequest;
  /** Ports by the pod's uid. */
  readonly #open = new Map<string, Set<number>>();
  #isOver = false;

  constructor(request: DatagramsRequest) {
    this.#request = request;
  }

  /** Opens what is not open yet. What cannot be is tried again the next time. */
  serve(pod: Pod): void {
    if (pod.status.phase !== 'Running' || pod.status.podIP === undefined || pod.spec.hostNetwork === true) return;
    this.#serve(pod).catch((error: unknown) => {
      if (!this.#isOver) this.#request.log(`datagrams: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  gone({ metadata: { uid = '' } }: Pod): void {
    this.#open.delete(uid);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  async #serve(pod: Pod): Promise<void> {
    const { hearing, sandboxOf } = this.#request;
    const { uid = '' } = pod.metadata;
    for (const port of (await hearing(pod)).keys()) {
      const open = this.#open.get(uid) ?? new Set();
      if (open.has(port)) continue;
      this.#open.set(uid, open.add(port));
      const socket = await (await sandboxOf(pod)).datagrams(port).catch((error: unknown) => {
        open.delete(port);
        throw error;
      });
      socket?.on('message', (message, { address, port: from }) => {
        const answer = async (): Promise<void> => {
          const server = (await hearing(pod)).get(port);
          const reply = await server?.answer?.(port, message, { address, port: from });
          if (reply !== undefined) socket.send(reply, from, address);
        };
        answer().catch(() => undefined); // who asked asks again
      });
    }
  }
}
