import type { Security } from '../apiserver/security.ts';
import type { UserInfo } from '../authentication/user.ts';
import { bootCluster } from '../bootstrap/boot.ts';
import { CLUSTER_PLAN } from '../bootstrap/cluster-plan.ts';
import { directDial } from '../callout/https-call.ts';
import { realClock, type Clock } from '../../clock.ts';
import { createControlPlane } from '../control-plane.ts';
import type { KubeObject } from '../object.ts';
import { createPki, type Pki } from '../pki/pki.ts';
import { realRandomness } from '../randomness.ts';
import { builtInResources } from '../resources/registry.ts';
import { secureFromFlags } from '../secure.ts';
import type { Cluster, WriteOptions } from '../store/cluster.ts';

/** A control plane without a port, for tests of what flags, plugins and authorizers decide. */
export interface TestPlane extends Disposable {
  readonly cluster: Cluster;
  readonly security: Security;
  readonly pki: Pki;
  readonly log: readonly string[];
  /** Creates as somebody, through admission; an administrator unless said. Rejects with the `ApiError`. */
  create(object: object, user?: UserInfo, options?: WriteOptions): Promise<KubeObject>;
  get(apiVersion: string, kind: string, namespace: string, name: string): KubeObject | undefined;
}

export interface TestPlaneOptions {
  /** More flags than the ones that kubeadm sets. */
  readonly flags?: readonly string[];
  /** Flags of kubeadm's that are left out, without their values. */
  readonly replaced?: readonly string[];
  /** Files that the flags name, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
}

const PKI = '/etc/kubernetes/pki';
const FLAGS = [
  '--authorization-mode=Node,RBAC',
  `--client-ca-file=${PKI}/ca.crt`,
  '--enable-admission-plugins=NodeRestriction',
  '--enable-bootstrap-token-auth=true',
  '--etcd-servers=https://127.0.0.1:2379',
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${PKI}/sa.pub`,
  `--service-account-signing-key-file=${PKI}/sa.key`,
  `--tls-cert-file=${PKI}/apiserver.crt`,
  `--tls-private-key-file=${PKI}/apiserver.key`,
];

export const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'], extra: {} };
export const JANE: UserInfo = { username: 'jane', groups: ['system:authenticated'], extra: {} };

export async function startTestPlane(options: TestPlaneOptions = {}): Promise<TestPlane> {
  const clock = options.clock ?? realClock;
  const pki = createPki({
    now: clock.now(),
    controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const log: string[] = [];
  const secure = secureFromFlags({
    read: async (path) => {
      const content = options.files?.[path] ?? pki.file(path)?.content;
      return content === undefined ? undefined : Buffer.from(content);
    },
    dial: directDial,
    randomness: realRandomness,
    log: (line) => log.push(line),
  });
  let security: Security | undefined;
  const plane = createControlPlane({
    clock,
    randomness: realRandomness,
    rows: builtInResources(),
    log: (line) => log.push(line),
    secure: async (argv, cluster) => {
      const made = await secure(argv, cluster);
      if ('ok' in made) security = made.ok;
      return made;
    },
  });
  const { cluster } = plane;
  const usual = FLAGS.filter((flag) => !options.replaced?.includes(flag.split('=', 1)[0]!));
  await bootCluster(cluster, { ...CLUSTER_PLAN, nodes: [], endpoint: 'https://127.0.0.1:6443' });
  const started = await plane.start([...usual, ...(options.flags ?? [])]);
  if ('failed' in started) throw new Error(started.failed);
  if (security === undefined) throw new Error('the control plane made no security');
  return {
    cluster,
    security,
    pki,
    log,
    create(object, user = ADMIN, writing = {}) {
      const made = structuredClone(object) as KubeObject;
      const resource = cluster.resourceOfKind(made.apiVersion, made.kind);
      if (resource === undefined) throw new Error(`no such kind: ${made.apiVersion} ${made.kind}`);
      return cluster.create(resource, made, { user, ...writing });
    },
    get(apiVersion, kind, namespace, name) {
      const resource = cluster.resourceOfKind(apiVersion, kind);
      return resource === undefined ? undefined : cluster.get(resource, namespace, name);
    },
    [Symbol.dispose]: () => plane.stop(),
  };
}

/** A namespace with its `default` ServiceAccount, which no controller makes here. */
export async function makeNamespace(
  plane: TestPlane,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  await plane.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await plane.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
}
