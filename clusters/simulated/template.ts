import { createHash } from 'node:crypto';
import type { Seed, SeedFile } from '../cluster.ts';
import { IMAGES } from './images/table.ts';
import { bootCluster, createAll } from './kubernetes/bootstrap/boot.ts';
import { apiServiceAddress, type ClusterPlan } from './kubernetes/bootstrap/cluster-plan.ts';
import { noNetworkYet } from './kubernetes/callout/https-call.ts';
import { createPki, type Pki } from './kubernetes/pki/pki.ts';
import { secureFromFlags } from './kubernetes/secure.ts';
import type { Clock } from './clock.ts';
import { createControlPlane } from './kubernetes/control-plane.ts';
import { runControllers } from './kubernetes/controllers/controller.ts';
import { eventRecorder } from './kubernetes/controllers/events.ts';
import { namespaceDefaultsController, ROOT_CA } from './kubernetes/controllers/namespace-defaults.ts';
import { kubelets } from './kubernetes/kubelet/kubelet.ts';
import type { KubeObject } from './kubernetes/object.ts';
import type { Randomness } from './kubernetes/randomness.ts';
import { builtInResources } from './kubernetes/resources/registry.ts';
import { scheduler } from './kubernetes/scheduler/scheduler.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';
import type { StoreSnapshot } from './kubernetes/store/store.ts';
import { controllersOf } from './components/programs/controller-manager.ts';
import { readManifestFolder } from './components/static-pods/manifest-folder.ts';
import { mirrorStaticPods } from './components/static-pods/mirror-pods.ts';
import { filesInMemory } from './components/node/node-files.ts';
import { MANIFESTS } from './kubernetes/bootstrap/static-pods.ts';
import { clusterFiles, layered, manifestFiles } from './lab-files.ts';

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
  /** By the digest of what is in it: a scenario that is read again is the same one until its author changes it. */
  readonly #made = new Map<string, { at: number; snapshot: Promise<StoreSnapshot> }>();

  constructor(options: TemplateOptions) {
    this.#options = options;
  }

  /** The settled state of a seed. Rejects with the `ApiError` of the first manifest that the cluster refuses. */
  of(seed: Seed): Promise<StoreSnapshot> {
    const now = this.#options.clock.now();
    const staticPods = layered(manifestFiles(), seed.files.filter(isManifest));
    const digest = createHash('sha256').update(JSON.stringify(seed.manifests));
    for (const { path, content } of staticPods) digest.update(path).update(content);
    const key = digest.digest('base64');
    const known = this.#made.get(key);
    if (known !== undefined && now - known.at < FRESH_MS) return known.snapshot;
    const snapshot = this.#make(seed, staticPods);
    this.#made.delete(key);
    this.#made.set(key, { at: now, snapshot });
    snapshot.catch(() => this.#made.delete(key));
    const [oldest] = this.#made.keys();
    if (oldest !== undefined && this.#made.size > MAX_TEMPLATES) this.#made.delete(oldest);
    return snapshot;
  }

  async #make({ manifests }: Seed, staticPods: readonly SeedFile[]): Promise<StoreSnapshot> {
    const { plan, clock, randomness, log } = this.#options;
    // Nobody connects to this one, and its keys go with it; but what comes into it is admitted as kubeadm's API server does.
    const pki = pkiOf(plan, clock.now());
    const kubeadm = filesInMemory(clusterFiles(pki));
    const plane = createControlPlane({
      clock,
      randomness,
      rows: builtInResources(),
      secure: secureFromFlags({ read: (path) => kubeadm.read(path), dial: noNetworkYet, randomness, log }),
      log,
    });
    const { cluster } = plane;
    await bootCluster(cluster, plan);
    const [controlPlane] = plan.nodes;
    const { pods: kubeadmPods } = await readManifestFolder(kubeadm, controlPlane?.name ?? 'controlplane');
    const apiServer = kubeadmPods.find(({ container }) => container === 'kube-apiserver');
    const started = await plane.start(apiServer?.argv.slice(1) ?? []);
    if ('failed' in started) throw new Error(`the API server of a template does not start: ${started.failed}`);
    if (controlPlane !== undefined) {
      // Their containers begin with the lab, and the pods' status with them.
      const { pods } = await readManifestFolder(filesInMemory(staticPods), controlPlane.name);
      await mirrorStaticPods(
        cluster,
        controlPlane,
        pods.map((pod) => ({ pod, component: undefined })),
      );
    }
    await this.#settle(cluster, manifests as readonly KubeObject[], pki.certificateAuthority);
    plane.stop();
    const configMaps = cluster.resource('configmaps');
    // Each lab publishes its own authority.
    for (const { metadata } of cluster.list(cluster.resource('namespaces')))
      await cluster.delete(configMaps, metadata.name, ROOT_CA);
    return plane.snapshot();
  }

  /** Applies the manifests and lets everything come to rest, as it does in a cluster that trusts `rootCertificate`. */
  async #settle(cluster: Cluster, manifests: readonly KubeObject[], rootCertificate: string): Promise<void> {
    const { plan, randomness, log } = this.#options;
    {
      // The first pods find what they mount.
      using defaults = runControllers(cluster, [namespaceDefaultsController(cluster, rootCertificate)], log);
      await defaults.idle();
    }
    const record = eventRecorder(cluster);
    const nodes = plan.nodes.map(({ name }) => name);
    using controllers = runControllers(
      cluster,
      [
        ...controllersOf(cluster, { randomness, pki: undefined, rootCertificate }),
        scheduler(cluster, record),
        ...kubelets(cluster, record, { images: IMAGES, nodes, randomness, isUp: () => true }),
      ],
      log,
    );
    await controllers.idle();
    for (const manifest of manifests) {
      await createAll(cluster, [manifest]);
      // A namespace has its ServiceAccount before pods come that run as it.
      if (manifest.kind === 'Namespace') await controllers.idle();
    }
    await controllers.idle();
  }
}

const isManifest = ({ host, path }: SeedFile): boolean => host === 'controlplane' && path.startsWith(`${MANIFESTS}/`);

const pkiOf = (plan: ClusterPlan, now: number): Pki =>
  createPki({
    now,
    controlPlane: { name: plan.nodes[0]?.name ?? 'controlplane', addresses: ['127.0.0.1'] },
    server: plan.endpoint,
    serviceAddress: apiServiceAddress(plan),
  });
