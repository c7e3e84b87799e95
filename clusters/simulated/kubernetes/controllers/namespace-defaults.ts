import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, type Watch, watchOwn } from './controller.ts';

/** The ConfigMap of every namespace that holds the cluster's authority. */
export const ROOT_CA = 'kube-root-ca.crt';
const ROOT_CA_DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or ' +
  'kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/**
 * What every namespace gets: its default ServiceAccount and the cluster's CA (pkg/controller/serviceaccount,
 * certificates/rootcacertpublisher). `certificateAuthority` is PEM; without one nothing is published.
 */
export function namespaceDefaultsController(cluster: Cluster, certificateAuthority: string | undefined): Controller {
  const namespaces = cluster.resource('namespaces');
  const serviceAccounts = cluster.resource('serviceaccounts');
  const configMaps = cluster.resource('configmaps');
  const namespaceOf =
    (name: string): Watch['keys'] =>
    ({ object: { metadata } }) =>
      metadata.name === name ? [`/${metadata.namespace ?? ''}`] : [];
  return {
    name: 'namespace-defaults',
    watches: [
      watchOwn(namespaces),
      { resource: serviceAccounts, keys: namespaceOf('default') },
      { resource: configMaps, keys: namespaceOf(ROOT_CA) },
    ],
    async reconcile(key) {
      const { name: namespace } = splitKey(key);
      const owner = cluster.get(namespaces, '', namespace);
      if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return;
      if (cluster.get(serviceAccounts, namespace, 'default') === undefined) {
        await cluster.create(serviceAccounts, {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace },
        });
      }
      if (certificateAuthority === undefined) return;
      const data = { 'ca.crt': certificateAuthority };
      const published = cluster.get(configMaps, namespace, ROOT_CA);
      if (published === undefined) {
        const annotations = { 'kubernetes.io/description': ROOT_CA_DESCRIPTION };
        const metadata = { name: ROOT_CA, namespace, annotations };
        await cluster.create(
          configMaps,
          { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
          { fieldManager: 'kube-controller-manager' },
        );
      } else if ((published['data'] as Record<string, string> | undefined)?.['ca.crt'] !== data['ca.crt']) {
        await cluster.modify(configMaps, { namespace, name: ROOT_CA }, (draft) => void (draft['data'] = data));
      }
    },
  };
}
