import { stringify } from 'yaml';
import type { KubeAccess } from './cluster.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

function user(credential: KubeAccess['credential']): Record<string, string> {
  switch (credential.kind) {
    case 'none':
      return {};
    case 'token':
      return { token: credential.token };
    case 'certificate':
      return {
        'client-certificate-data': base64(credential.certificate),
        'client-key-data': base64(credential.key),
      };
    default:
      return credential satisfies never;
  }
}

/** A kubeconfig with one cluster, user and context of that name (kubernetes.io/docs/reference/config-api/kubeconfig.v1). */
export function kubeconfigOf(name: string, access: KubeAccess): string {
  const cluster = {
    server: access.server,
    'certificate-authority-data': base64(access.certificateAuthority),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: user(access.credential) }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  // As kubectl writes it, which sorts keys and does not indent lists.
  return stringify(config, { sortMapEntries: true, indentSeq: false, lineWidth: 0 });
}
