import { askApi } from '../../api-request.ts';
import { accessByCertificate } from '../cluster-access.ts';
import type { Pki } from '../kubernetes/pki/pki.ts';
import type { PodSources } from './sources.ts';

/**
 * Tokens of pods as a kubelet gets them: a TokenRequest as its node, bound to the pod (pkg/kubelet/token/token_manager.go). Rejects
 * with the API server's words.
 */
export function podTokens(pki: Pki, server: () => string): PodSources['token'] {
  return async (pod, audience, expirationSeconds) => {
    const { name, namespace = '', uid } = pod.metadata;
    const access = accessByCertificate(pki, server(), `system:node:${pod.spec.nodeName ?? ''}`, ['system:nodes']);
    const account = pod.spec.serviceAccountName ?? 'default';
    const answer = await askApi(access, {
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(audience === undefined || audience === '' ? {} : { audiences: [audience] }),
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    });
    const { status, message } = answer.body as { status?: { token?: string }; message?: string };
    if (status?.token === undefined) throw new Error(`failed to fetch token: ${message ?? answer.status}`);
    return status.token;
  };
}
