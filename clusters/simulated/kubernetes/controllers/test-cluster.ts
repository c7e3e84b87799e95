import { IMAGES } from '../../images/table.ts';
import { controllersOf } from '../../components/programs/controller-manager.ts';
import { startTestPlane } from '../admission/test-plane.ts';
import { CLUSTER_PLAN } from '../bootstrap/cluster-plan.ts';
import { nodeObject } from '../bootstrap/nodes.ts';
import { timestamp, type Clock } from '../../clock.ts';
import { kubelets } from '../kubelet/kubelet.ts';
import type { Event, Pod } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import type { Pki } from '../pki/pki.ts';
import { realRandomness } from '../randomness.ts';
import { scheduler } from '../scheduler/scheduler.ts';
import type { Cluster } from '../store/cluster.ts';
import { runControllers } from './controller.ts';
import { eventRecorder } from './events.ts';

/** A clock that stands still until a test advances it. */
export class TestClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): Disposable {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Moves to the next timer that is due by then and calls it; false, and then it is that time, when none is. */
  step(until: number): boolean {
    const next = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
    this.#now = next === undefined ? until : Math.max(this.#now, next.at);
    if (next === undefined) return false;
    this.#timers.delete(next);
    next.callback();
    return true;
  }
}

/** A cluster of one worker, `node01`, with every controller, the scheduler and kubelets, on a clock of its own. */
export interface TestCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly clock: TestClock;
  readonly pki: Pki;
  /** What controllers complained of. */
  readonly log: readonly string[];
  /** Creates objects in their order, namespaces `default` unless said, and lets everything settle. */
  apply(...objects: object[]): Promise<void>;
  /** Changes an object by `change` and lets everything settle. `kind` as in `apps/v1 Deployment`. */
  edit(kind: string, name: string, change: (draft: KubeObject) => void, namespace?: string): Promise<void>;
  remove(kind: string, name: string, options?: Parameters<Cluster['delete']>[3], namespace?: string): Promise<void>;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test names the type of its kind
  get<T extends KubeObject>(kind: string, name: string, namespace?: string): T | undefined;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  list<T extends KubeObject>(kind: string, namespace?: string): readonly T[];
  pods(labels?: Readonly<Record<string, string>>): readonly Pod[];
  /** `Reason: message` of the events about that name, oldest first. */
  events(name: string): readonly string[];
  idle(): Promise<void>;
  /** Lets so many seconds pass, timer by timer, and everything settle after each. */
  advance(seconds: number): Promise<void>;
  /** Ends the node's kubelet, or starts it again. */
  setKubelet(node: string, up: boolean): void;
}

export async function startTestCluster(): Promise<TestCluster> {
  const clock = new TestClock();
  const plane = await startTestPlane({ clock });
  const { cluster, pki } = plane;
  const log: string[] = [];
  const [, worker] = CLUSTER_PLAN.nodes;
  if (worker === undefined) throw new Error('the plan has no worker');
  const down = new Set<string>();
  const record = eventRecorder(cluster);
  const running = runControllers(
    cluster,
    [
      ...controllersOf(cluster, { randomness: realRandomness, pki }),
      scheduler(cluster, record),
      ...kubelets(cluster, record, {
        images: IMAGES,
        nodes: [worker.name],
        randomness: realRandomness,
        isUp: (node) => !down.has(node),
      }),
    ],
    (line) => log.push(line),
  );
  const row = (kind: string): ReturnType<Cluster['resource']> => {
    const [apiVersion = '', name = ''] = kind.split(' ');
    const found = cluster.resourceOfKind(apiVersion, name);
    if (found === undefined) throw new Error(`no kind ${kind}`);
    return found;
  };
  const create = async (object: object): Promise<void> => {
    const made = structuredClone(object) as KubeObject;
    const resource = row(`${made.apiVersion} ${made.kind}`);
    if (resource.namespaced) made.metadata.namespace ??= 'default';
    const { status } = made as { status?: unknown };
    const created = await cluster.create(resource, made);
    const { namespace = '', name } = created.metadata;
    if (status !== undefined) {
      const write = { subresource: 'status' as const };
      await cluster.modify(resource, { namespace, name }, (draft) => void (draft['status'] = status), write);
    }
  };
  await running.idle();
  await create(nodeObject(worker, timestamp(clock)));
  await running.idle();
  return {
    cluster,
    clock,
    pki,
    log,
    async apply(...objects) {
      for (const object of objects) await create(object);
      await running.idle();
    },
    async edit(kind, name, change, namespace = 'default') {
      await cluster.modify(row(kind), { namespace, name }, (draft) => change(draft));
      await running.idle();
    },
    async remove(kind, name, options, namespace = 'default') {
      await cluster.delete(row(kind), namespace, name, options);
      await running.idle();
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    get: <T extends KubeObject>(kind: string, name: string, namespace = 'default') =>
      cluster.get(row(kind), namespace, name) as T | undefined,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    list: <T extends KubeObject>(kind: string, namespace?: string) =>
      cluster.list(row(kind), namespace) as readonly T[],
    pods: (labels = {}) =>
      (cluster.list(cluster.resource('pods')) as readonly Pod[]).filter(({ metadata }) =>
        Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
      ),
    events: (name) =>
      (cluster.list(cluster.resource('events')) as readonly Event[])
        .filter(({ involvedObject }) => involvedObject.name === name)
        .sort((a, b) =>
          (a.metadata.name.split('.').at(-1) ?? '').localeCompare(b.metadata.name.split('.').at(-1) ?? ''),
        )
        .map(({ reason, message }) => `${reason}: ${message}`),
    idle: () => running.idle(),
    async advance(seconds) {
      const until = clock.now() + seconds * 1000;
      while (clock.step(until)) await running.idle();
    },
    setKubelet(node, up) {
      if (up) down.delete(node);
      else down.add(node);
    },
    [Symbol.asyncDispose]() {
      running[Symbol.dispose]();
      plane[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
