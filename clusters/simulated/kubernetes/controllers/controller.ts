import type { Resource } from '../resources/resource.ts';
import type { Cluster, StoreEvent } from '../store/cluster.ts';
import { WorkQueue } from './work-queue.ts';

/** A loop that brings the cluster nearer to what its objects ask for, one key at a time. */
export interface Controller {
  readonly name: string;
  readonly watches: readonly Watch[];
  /** Has keys looked at for reasons that no object tells. */
  readonly pokes?: (look: (key: string) => void) => Disposable;
  /** Looks at one key. Returns after how many milliseconds to look again, if the clock alone may change the outcome. */
  reconcile(key: string): Promise<number | void>;
}

export interface Watch {
  readonly resource: Resource;
  /** The keys that a change concerns. */
  readonly keys: (event: StoreEvent) => Iterable<string>;
}

/** `namespace/name`, or `/name` for what has no namespace. */
export const keyOf = ({ metadata }: { metadata: { namespace?: string; name: string } }): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Watches the objects of a resource themselves. */
export const watchOwn = (resource: Resource): Watch => ({ resource, keys: ({ object }) => [keyOf(object)] });

/** Watches what objects of `kind` control, by their controller reference. */
export const watchControlled = (resource: Resource, kind: string): Watch => ({
  resource,
  keys: ({ object, old }) =>
    [object, old].flatMap((state) => {
      const owner = state?.metadata.ownerReferences?.find(({ controller }) => controller === true);
      return owner?.kind === kind ? [`${state?.metadata.namespace ?? ''}/${owner.name}`] : [];
    }),
});

/** Controllers at work. `idle` resolves once none has anything left to do but wait for the clock. */
export interface RunningControllers extends Disposable {
  idle(): Promise<void>;
}

/** Starts controllers: each hears of every object there is, then of every change. Errors are retried, and told to `log`. */
export function runControllers(
  cluster: Cluster,
  controllers: readonly Controller[],
  log: (line: string) => void,
): RunningControllers {
  const resources = new DisposableStack();
  const queues = controllers.map((controller) => {
    const queue = resources.use(
      new WorkQueue(
        cluster.clock,
        (key) => controller.reconcile(key),
        (key, error) => log(`${controller.name}: ${key}: ${error instanceof Error ? error.message : String(error)}`),
      ),
    );
    if (controller.pokes !== undefined) resources.use(controller.pokes((key) => queue.add(key)));
    for (const { resource, keys } of controller.watches) {
      const hear = (event: StoreEvent): void => {
        for (const key of keys(event)) queue.add(key);
      };
      resources.use(cluster.watch(resource, hear));
      for (const object of cluster.list(resource)) hear({ type: 'ADDED', object, revision: 0 });
    }
    return queue;
  });
  return {
    async idle() {
      while (queues.some((queue) => !queue.isIdle)) await Promise.all(queues.map((queue) => queue.idle()));
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}
