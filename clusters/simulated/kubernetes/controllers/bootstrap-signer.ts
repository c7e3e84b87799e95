import { createHmac } from 'node:crypto';
import type { ConfigMap, Secret } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Controller } from './controller.ts';
import { sameButForEmpty, WRITING } from './status.ts';

const NAMESPACE = 'kube-public';
const NAME = 'cluster-info';
const TOKEN_TYPE = 'bootstrap.kubernetes.io/token';
const PREFIX = 'jws-kubeconfig-';

/** pkg/controller/bootstrap: signs the published kubeconfig with every bootstrap token, and lets spent tokens go. */
export function bootstrapSignerController(cluster: Cluster): Controller {
  const configMaps = cluster.resource('configmaps');
  const secrets = cluster.resource('secrets');
  return {
    name: 'bootstrap-signer-controller',
    watches: [
      { resource: configMaps, keys: ({ object: { metadata } }) => (metadata.namespace === NAMESPACE ? ['/'] : []) },
      { resource: secrets, keys: ({ object }) => ((object as Secret).type === TOKEN_TYPE ? ['/'] : []) },
    ],
    async reconcile() {
      const tokens = (cluster.list(secrets, 'kube-system') as readonly Secret[]).filter(
        ({ type }) => type === TOKEN_TYPE,
      );
      const waits: number[] = [];
      const signing = new Map<string, string>();
      for (const secret of tokens) {
        const field = (name: string): string => Buffer.from(secret.data?.[name] ?? '', 'base64').toString();
        const left = Date.parse(field('expiration')) - cluster.clock.now();
        if (left <= 0) {
          await cluster.delete(secrets, 'kube-system', secret.metadata.name, { uid: secret.metadata.uid ?? '' });
          continue;
        }
        if (!Number.isNaN(left)) waits.push(left);
        if (field('usage-bootstrap-signing') === 'true') signing.set(field('token-id'), field('token-secret'));
      }
      const info: ConfigMap | undefined = cluster.get(configMaps, NAMESPACE, NAME);
      const kubeconfig = info?.data?.['kubeconfig'];
      if (info !== undefined && kubeconfig !== undefined) {
        const others = Object.entries(info.data ?? {}).filter(([name]) => !name.startsWith(PREFIX));
        const signed = [...signing].map(([id, secret]) => [
          `${PREFIX}${id}`,
          detachedSignature(kubeconfig, id, secret),
        ]);
        const data = Object.fromEntries([...others, ...signed]) as Record<string, string>;
        if (!sameButForEmpty(data, info.data)) {
          const change = (draft: object): void => void ((draft as ConfigMap).data = data);
          await cluster.modify(configMaps, { namespace: NAMESPACE, name: NAME }, change, WRITING);
        }
      }
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
  };
}

/** A JWS by HS256 without its payload (cluster-bootstrap/token/jws ComputeDetachedSignature). */
function detachedSignature(content: string, tokenId: string, tokenSecret: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64url');
  const header = base64(JSON.stringify({ alg: 'HS256', kid: tokenId }));
  const signature = createHmac('sha256', tokenSecret)
    .update(`${header}.${base64(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}
