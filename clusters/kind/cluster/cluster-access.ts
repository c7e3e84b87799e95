import { parse } from 'yaml';
import { z } from 'zod';
import type { Identity } from '../../../protocol/scenario.ts';
import { type Host, type KubeAccess, LabError } from '../../cluster.ts';
import { serviceAccountToken } from '../../service-account-token.ts';
import type { Issuer } from '../../pki/certificate.ts';
import { issuerOf } from '../../pki/issuer.ts';
import { ApiDoor } from './api-door.ts';
import { clientCertificate } from './client-certificate.ts';

/** How to get into a cluster as anybody, from this machine. */
export interface ClusterAccess {
  readonly door: ApiDoor;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly issuer: Issuer;
}

const AUTHORITY_KEY = '/etc/kubernetes/pki/ca.key';
const MAX_KEY_BYTES = 16 * 1024;

/** Of the kubeconfig that `kind get kubeconfig` prints, what is used. */
const Kubeconfig = z.object({
  clusters: z
    .array(z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) }))
    .min(1),
});

/**
 * Reads where a cluster is from kind's kubeconfig, and the key of its authority from the control plane's node. With that key identities
 * are made without asking the cluster: a CertificateSigningRequest would need its controllers, leave an object and a line in its audit
 * log, and never be granted for `system:masters`, the group that no learner's change of roles can lock out. Throws `LabError`.
 */
export async function clusterAccess(kubeconfig: string, controlPlane: Host, now: () => number): Promise<ClusterAccess> {
  const { cluster } = Kubeconfig.parse(parse(kubeconfig)).clusters[0]!;
  const certificateAuthority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString('utf8');
  const key = await controlPlane.readFile(AUTHORITY_KEY, { maxBytes: MAX_KEY_BYTES });
  if (key.outcome !== 'read')
    throw new LabError(
      `The key of the cluster's authority, ${AUTHORITY_KEY} on controlplane, cannot be read: ${key.outcome === 'absent' ? 'it is not there' : key.reason}.`,
      'Reset the lab, or delete it.',
    );
  return {
    door: new ApiDoor({ published: cluster.server, controlPlane, now }),
    certificateAuthority,
    issuer: issuerOf(certificateAuthority, key.content.toString()),
  };
}

/** Credentials for that identity. `now` in milliseconds since 1970. Throws `LabError` for a ServiceAccount that gets no token. */
export async function kubeAccessOf(identity: Identity, cluster: ClusterAccess, now: number): Promise<KubeAccess> {
  const { door, certificateAuthority, issuer } = cluster;
  const server = await door.server();
  const by = (commonName: string, organizations: readonly string[]): KubeAccess => ({
    server,
    certificateAuthority,
    credential: { kind: 'certificate', ...clientCertificate(issuer, { commonName, organizations }, now) },
  });
  if (identity === 'admin') return by('kubernetes-admin', ['system:masters']);
  if (identity === 'anonymous') return { server, certificateAuthority, credential: { kind: 'none' } };
  if ('user' in identity) return by(identity.user, identity.groups);
  const token = await serviceAccountToken(identity.serviceAccount, by('kubernetes-admin', ['system:masters']));
  return { server, certificateAuthority, credential: { kind: 'token', token } };
}
