import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';

export interface CertificateExpiry {
  readonly name: string;
  /** Who signed it, by kubeadm's name; undefined for an authority. */
  readonly authority: string | undefined;
  /** Milliseconds since 1970; undefined when the file is missing or holds no certificate. */
  readonly notAfter: number | undefined;
}

/** kubeadm's names of what it makes (kubernetes/cmd/kubeadm/app/phases/certs/certlist.go and kubeconfig). */
const LEAVES: readonly (readonly [name: string, authority: string, file: string])[] = [
  ['admin.conf', 'ca', 'admin.conf'],
  ['apiserver', 'ca', 'pki/apiserver.crt'],
  ['apiserver-etcd-client', 'etcd-ca', 'pki/apiserver-etcd-client.crt'],
  ['apiserver-kubelet-client', 'ca', 'pki/apiserver-kubelet-client.crt'],
  ['controller-manager.conf', 'ca', 'controller-manager.conf'],
  ['etcd-healthcheck-client', 'etcd-ca', 'pki/etcd/healthcheck-client.crt'],
  ['etcd-peer', 'etcd-ca', 'pki/etcd/peer.crt'],
  ['etcd-server', 'etcd-ca', 'pki/etcd/server.crt'],
  ['front-proxy-client', 'front-proxy-ca', 'pki/front-proxy-client.crt'],
  ['scheduler.conf', 'ca', 'scheduler.conf'],
  ['super-admin.conf', 'ca', 'super-admin.conf'],
];
const AUTHORITIES = [
  ['ca', 'pki/ca.crt'],
  ['etcd-ca', 'pki/etcd/ca.crt'],
  ['front-proxy-ca', 'pki/front-proxy-ca.crt'],
] as const;

/** Reads when the certificates of /etc/kubernetes end, as they lie on the host now. */
export async function certificateExpiry(
  host: SimulatedHost,
): Promise<{ readonly leaves: readonly CertificateExpiry[]; readonly authorities: readonly CertificateExpiry[] }> {
  const read = async (name: string, authority: string | undefined, file: string): Promise<CertificateExpiry> => {
    const text = await readHostText(host, `/etc/kubernetes/${file}`).catch(() => undefined);
    return { name, authority, notAfter: text === undefined ? undefined : notAfter(text, file.endsWith('.conf')) };
  };
  const [leaves, authorities] = await Promise.all([
    Promise.all(LEAVES.map(([name, authority, file]) => read(name, authority, file))),
    Promise.all(AUTHORITIES.map(([name, file]) => read(name, undefined, file))),
  ]);
  return { leaves, authorities };
}

const Kubeconfig = z.object({
  users: z.array(z.object({ user: z.object({ 'client-certificate-data': z.string() }) })).min(1),
});

function notAfter(text: string, inKubeconfig: boolean): number | undefined {
  try {
    const pem = inKubeconfig
      ? Buffer.from(
          Kubeconfig.parse(parse(text, { maxAliasCount: 20 })).users[0]?.user['client-certificate-data'] ?? '',
          'base64',
        )
      : text;
    return new X509Certificate(pem).validToDate.getTime();
  } catch {
    return undefined; // the learner has broken the file, and kubeadm calls it missing
  }
}
