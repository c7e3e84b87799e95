import type { Cluster } from '../store/cluster.ts';
import type { Controller } from './controller.ts';
import { WRITING } from './status.ts';

const NAMES = '["front-proxy-client"]';

export interface Authorities {
  /** PEM bundles. */
  readonly clients: string;
  readonly frontProxy: string;
}

/**
 * What a cluster publishes of its authorities: `extension-apiserver-authentication`, by which aggregated servers know their clients
 * (controlplane/controller/clusterauthenticationtrust).
 */
export function publishedAuthoritiesController(cluster: Cluster, authorities: () => Authorities): Controller {
  const configMaps = cluster.resource('configmaps');
  const namespaces = cluster.resource('namespaces');
  const namespace = 'kube-system';
  const name = 'extension-apiserver-authentication';
  return {
    name: 'cluster-authentication-trust-controller',
    watches: [
      { resource: namespaces, keys: ({ object }) => (object.metadata.name === namespace ? ['/'] : []) },
      { resource: configMaps, keys: ({ object: { metadata } }) => (metadata.name === name ? ['/'] : []) },
    ],
    async reconcile() {
      if (cluster.get(namespaces, '', namespace) === undefined) return;
      const { clients, frontProxy } = authorities();
      const data = {
        'client-ca-file': clients,
        'requestheader-allowed-names': NAMES,
        'requestheader-client-ca-file': frontProxy,
        'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
        'requestheader-uid-headers': '["X-Remote-Uid"]',
        'requestheader-username-headers': '["X-Remote-User"]',
      };
      const found = cluster.get(configMaps, namespace, name);
      if (found === undefined) {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
        await cluster.create(configMaps, object, { fieldManager: 'kube-apiserver' });
      } else if ((found['data'] as Record<string, string> | undefined)?.['client-ca-file'] !== clients) {
        await cluster.modify(configMaps, { namespace, name }, (draft) => void (draft['data'] = data), WRITING);
      }
    },
  };
}
