import type { Identity } from '../../protocol/scenario.ts';
import type { KubeAccess } from '../cluster.ts';
import { serviceAccountToken } from '../service-account-token.ts';
import type { Pki } from './kubernetes/pki/pki.ts';

/** Access by a certificate that the cluster's authority signs for that subject. */
export function accessByCertificate(
  pki: Pki,
  server: string,
  commonName: string,
  organizations: readonly string[],
): KubeAccess {
  const { certificate, key } = pki.clientCertificate({ commonName, organizations });
  return {
    server,
    certificateAuthority: pki.certificateAuthority,
    credential: { kind: 'certificate', certificate, key },
  };
}

/** Credentials for the API server as seen from this machine. A ServiceAccount's token is asked of the API server itself. */
export async function kubeAccessOf(identity: Identity, pki: Pki, server: string): Promise<KubeAccess> {
  const { certificateAuthority } = pki;
  // The group that no binding can take away: the grader must see the cluster whatever the learner did to its roles.
  const admin = (): KubeAccess => accessByCertificate(pki, server, 'kubernetes-admin', ['system:masters']);
  if (identity === 'admin') return admin();
  if (identity === 'anonymous') return { server, certificateAuthority, credential: { kind: 'none' } };
  if ('user' in identity) return accessByCertificate(pki, server, identity.user, identity.groups);
  const token = await serviceAccountToken(identity.serviceAccount, admin());
  return { server, certificateAuthority, credential: { kind: 'token', token } };
}
