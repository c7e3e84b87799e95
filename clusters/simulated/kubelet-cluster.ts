import type { KubeAccess } from '../cluster.ts';
import { askApi } from '../api-request.ts';
import { reviewsBy } from './components/access/reviews.ts';
import type { InsidePods } from './inside-pods.ts';
import type { KubeletCluster } from './daemons/kubelet-api/kubelet-cluster.ts';
import { containerOf } from './kubernetes/kubelet/container-status.ts';
import type { NodePlan } from './kubernetes/bootstrap/cluster-plan.ts';
import type { CertificateSigningRequest, Pod } from './kubernetes/model/generated/objects.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';

/** What a node's kubelet asks of the cluster: its pods of the store, reviews of the API server as `system:node:<name>`, as the real one. */
export function kubeletCluster(
  cluster: Cluster,
  { name: node, address }: NodePlan,
  containers: Pick<InsidePods, 'run' | 'log'>,
  access: () => KubeAccess,
): KubeletCluster {
  const pods = (): readonly Pod[] =>
    (cluster.list(cluster.resource('pods')) as readonly Pod[]).filter(({ spec }) => spec.nodeName === node);

  const podOf = (namespace: string, name: string, container: string): Pod | undefined => {
    const pod = pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return pod !== undefined && containerOf(pod, container) !== undefined ? pod : undefined;
  };

  const reviews = reviewsBy(access);
  return {
    node: { name: node, address },
    requestServing: (request, signal) => issuedCertificate(cluster, access(), request, signal),
    pods: () => Promise.resolve(pods()),
    authenticateToken: (token) => reviews.authenticate(token),
    async authorize(user, verb, subresource) {
      const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: node };
      return (await reviews.mayDo(user, { resourceAttributes })) === true;
    },
    run: async ({ namespace, pod: name, container }, argv, signal) => {
      const pod = podOf(namespace, name, container);
      if (pod === undefined) return undefined;
      return containers.run(pod, container, argv, signal).catch((error: unknown) => `${wordsOf(error)}\n`);
    },
    logs: async ({ namespace, pod: name, container }) => {
      const pod = podOf(namespace, name, container);
      return pod === undefined ? undefined : containers.log(pod, container).catch(() => '');
    },
  };
}

/** Makes a CertificateSigningRequest for a serving certificate, and waits for what becomes of it. */
async function issuedCertificate(
  cluster: Cluster,
  access: KubeAccess,
  request: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const spec = {
    request: Buffer.from(request).toString('base64'),
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
  };
  const body = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec,
  };
  const made = await askApi(access, {
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body,
  });
  if (made.status !== 201) return undefined;
  const { name } = (made.body as CertificateSigningRequest).metadata;
  const requests = cluster.resource('certificatesigningrequests', 'certificates.k8s.io');
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  using _watch = cluster.watch(requests, ({ type, object }) => {
    if (object.metadata.name !== name) return;
    const { status } = object as CertificateSigningRequest;
    const isRefused = (status?.conditions ?? []).some((one) => ['Denied', 'Failed'].includes(one.type));
    if (status?.certificate !== undefined) resolve(Buffer.from(status.certificate, 'base64').toString());
    else if (type === 'DELETED' || isRefused) resolve(undefined);
  });
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  return await promise; // the watch goes on for as long
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
