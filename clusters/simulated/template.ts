import { createHash } from 'node:crypto';
import type { Manifest, Seed } from '../cluster.ts';
import { IMAGES } from './images/table.ts';
import { bootCluster, createAll } from './kubernetes/bootstrap/boot.ts';
import type { ClusterPlan } from './kubernetes/bootstrap/cluster-plan.ts';
import type { Clock } from './clock.ts';
import { createControlPlane } from './kubernetes/control-plane.ts';
import { runControllers } from './kubernetes/controllers/controller.ts';
import { eventRecorder } from './kubernetes/controllers/events.ts';
import { kubelets } from './kubernetes/kubelet/kubelet.ts';
import type { KubeObject } from './kubernetes/object.ts';
import type { Randomness } from './kubernetes/randomness.ts';
import { builtInResources } from './kubernetes/resources/registry.ts';
import { scheduler } from './kubernetes/scheduler/scheduler.ts';
import type { StoreSnapshot } from './kubernetes/store/store.ts';
import { controllersOf } from './components/controller-manager.ts';

/** Scenarios whose state is kept; a megabyte or so each. */
const MAX_TEMPLATES = 16;
/** Older templates are made again, so that nothing in a fresh lab looks hours old. */
const FRESH_MS = 10 * 60_000;

export interface TemplateOptions {
  /** The nodes that join; without any there are no add-ons either, and pods stay Pending. */
  readonly plan: ClusterPlan;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: (line: string) => void;
}

/**
 * Seeded clusters to start labs from. The cluster of a scenario is booted, seeded and left to settle once; every lab of it
 * then begins with that state, shared until it writes. What belongs to one lab alone (its certificates) is not in it.
 */
export class ClusterTemplates {
  readonly #options: TemplateOptions;
  /** By the digest of the manifests: a scenario that is read again is the same one until its author changes it. */
  readonly #made = new Map<string, { at: number; snapshot: Promise<StoreSnapshot> }>();

  constructor(options: TemplateOptions) {
    this.#options = options;
  }

  /** The settled state of a seed. Rejects with the `ApiError` of the first manifest that the cluster refuses. */
  of(seed: Seed): Promise<StoreSnapshot> {
    const now = this.#options.clock.now();
    const key = createHash('sha256').update(JSON.stringify(seed.manifests)).digest('base64');
    const known = this.#made.get(key);
    if (known !== undefined && now - known.at < FRESH_MS) return known.snapshot;
    const snapshot = this.#make(seed.manifests);
    this.#made.delete(key);
    this.#made.set(key, { at: now, snapshot });
    snapshot.catch(() => this.#made.delete(key));
    const [oldest] = this.#made.keys();
    if (oldest !== undefined && this.#made.size > MAX_TEMPLATES) this.#made.delete(oldest);
    return snapshot;
  }

  async #make(manifests: readonly Manifest[]): Promise<StoreSnapshot> {
    const { plan, clock, randomness, log } = this.#options;
    // Nobody connects to this one; what its API server would check of a request is not asked.
    const plane = createControlPlane({
      clock,
      randomness,
      rows: builtInResources(),
      secure: () => Promise.resolve({ failed: 'a template serves nobody' }),
      log,
    });
    const { cluster } = plane;
    await bootCluster(cluster, plan);
    const record = eventRecorder(cluster);
    const nodes = plan.nodes.map(({ name }) => name);
    using controllers = runControllers(
      cluster,
      [
        ...controllersOf(cluster, { randomness, pki: undefined }),
        scheduler(cluster, record),
        ...kubelets(cluster, record, { images: IMAGES, nodes, randomness, isUp: () => true }),
      ],
      log,
    );
    await controllers.idle();
    await createAll(cluster, manifests as readonly KubeObject[]);
    await controllers.idle();
    return plane.snapshot();
  }
}
