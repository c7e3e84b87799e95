/** The steps of kind (see `stepOf`) before which the nodes run, and before which the API server answers. */
const AFTER_NODES = 'writing configuration';
const AFTER_API_SERVER = 'installing CNI';

/** How far kind has come with a cluster, for whoever has something to do beside it. */
export class BootStages {
  readonly #nodes = Promise.withResolvers<void>();
  readonly #apiServer = Promise.withResolvers<void>();

  /** Each of kind's steps as it begins. */
  hear(step: string): void {
    if (step === AFTER_NODES) this.#nodes.resolve();
    if (step === AFTER_API_SERVER) this.#apiServer.resolve();
  }

  /** kind has made the cluster, whatever its steps were called. */
  done(): void {
    this.#nodes.resolve();
    this.#apiServer.resolve();
  }

  /** Resolves when the nodes' containers have booted. Rejects with the signal's reason. */
  nodes(signal: AbortSignal): Promise<void> {
    return unlessAborted(this.#nodes.promise, signal);
  }

  /** Resolves when the API server answers on the control plane. Rejects with the signal's reason. */
  apiServer(signal: AbortSignal): Promise<void> {
    return unlessAborted(this.#apiServer.promise, signal);
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
