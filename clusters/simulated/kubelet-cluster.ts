import type { KubeAccess } from '../cluster.ts';
import { askApi } from './api-request.ts';
import type { KubeletCluster } from './daemons/kubelet-api/kubelet-cluster.ts';
import type { Image } from './images/image.ts';
import { findImage } from './images/image.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';

/** What a node's kubelet asks of the cluster: its pods of the store, reviews of the API server as `system:node:<name>`, as the real one. */
export function kubeletCluster(
  cluster: Cluster,
  node: string,
  images: readonly Image[],
  access: () => KubeAccess,
): KubeletCluster {
  const pods = (): readonly Pod[] =>
    (cluster.list(cluster.resource('pods')) as readonly Pod[]).filter(({ spec }) => spec.nodeName === node);

  async function review<T>(path: string, body: object): Promise<T | undefined> {
    const answer = await askApi(access(), { method: 'POST', path, body }).catch(() => undefined);
    return answer?.status === 201 ? (answer.body as { status: T }).status : undefined;
  }

  return {
    pods: () => Promise.resolve(pods()),
    async authenticateToken(token) {
      const status = await review<{ authenticated?: boolean; user?: { username: string; groups?: string[] } }>(
        '/apis/authentication.k8s.io/v1/tokenreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
      );
      if (status?.authenticated !== true || status.user === undefined) return undefined;
      return { name: status.user.username, groups: status.user.groups ?? [] };
    },
    async authorize(user, verb, subresource) {
      const spec = {
        user: user.name,
        groups: user.groups,
        resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: node },
      };
      const status = await review<{ allowed?: boolean }>('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec,
      });
      return status?.allowed === true;
    },
    run: () => Promise.resolve(undefined),
    logs({ namespace, pod: name, container: wanted }) {
      const pod = pods().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
      const container = pod?.spec.containers?.find((one) => one.name === wanted);
      if (container === undefined) return Promise.resolve(undefined);
      const log = findImage(images, container.image ?? '')?.log ?? [];
      return Promise.resolve(log.map((line) => `${line}\n`).join(''));
    },
  };
}
