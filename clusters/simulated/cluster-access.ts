import type { Identity } from '../../protocol/scenario.ts';
import { type KubeAccess, LabError } from '../cluster.ts';
import { type ApiAnswer, askApi } from '../api-request.ts';
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
  const token = await tokenOf(identity.serviceAccount, admin());
  return { server, certificateAuthority, credential: { kind: 'token', token } };
}

/** TokenRequest for `namespace/name`. */
async function tokenOf(account: string, access: KubeAccess): Promise<string> {
  const [namespace, name] = account.split('/').map((part) => encodeURIComponent(part));
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const failed = (why: string, cause?: unknown): LabError =>
    new LabError(
      `There is no token for the ServiceAccount ${account}: ${why}`,
      'Check that it exists and that the API server runs.',
      { cause },
    );
  let answer: ApiAnswer;
  try {
    answer = await askApi(access, { method: 'POST', path, body });
  } catch (cause) {
    throw failed('the API server does not answer', cause);
  }
  const { status, message } = answer.body as { status?: { token?: string }; message?: string };
  if (status?.token === undefined) throw failed(message ?? `status ${answer.status}`);
  return status.token;
}
