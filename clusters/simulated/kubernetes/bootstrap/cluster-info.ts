import type { Cluster } from '../store/cluster.ts';

/**
 * Publishes where the cluster is and whom it trusts, for those who want to join (cmd/kubeadm/app/phases/bootstraptoken/clusterinfo).
 * `certificateAuthority` is PEM. Does nothing in a cluster without kube-public, or that has it.
 */
export async function publishClusterInfo(
  cluster: Cluster,
  { server, certificateAuthority }: { readonly server: string; readonly certificateAuthority: string },
): Promise<void> {
  const configMaps = cluster.resource('configmaps');
  const namespace = 'kube-public';
  const name = 'cluster-info';
  if (cluster.get(cluster.resource('namespaces'), '', namespace) === undefined) return;
  if (cluster.get(configMaps, namespace, name) !== undefined) return;
  const kubeconfig = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(certificateAuthority).toString('base64')}
    server: ${server}
  name: ""
contexts: null
current-context: ""
kind: Config
users: null
`;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { kubeconfig } };
  await cluster.create(configMaps, object, { fieldManager: 'kubeadm' });
}
