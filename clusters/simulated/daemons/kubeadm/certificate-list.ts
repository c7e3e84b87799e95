import type { ExtendedKeyUsage } from '../../../pki/certificate.ts';

export interface ManagedCertificate {
  /** As `kubeadm certs` names it. */
  readonly name: string;
  readonly longName: string;
  /** kubeadm's name of who signs it. */
  readonly authority: AuthorityName;
  /** Below /etc/kubernetes; a kubeconfig where it ends so. */
  readonly file: string;
  readonly usage: readonly ExtendedKeyUsage[];
}

export type AuthorityName = 'ca' | 'etcd-ca' | 'front-proxy-ca';

const CLIENT = ['clientAuth'] as const;
const BOTH = ['serverAuth', 'clientAuth'] as const;

/** What kubeadm makes and renews (cmd/kubeadm/app/phases/certs/certlist.go, renewal/manager.go), in the order of its output. */
export const CERTIFICATES: readonly ManagedCertificate[] = [
  {
    name: 'admin.conf',
    longName: 'certificate embedded in the kubeconfig file for the admin to use and for kubeadm itself',
    authority: 'ca',
    file: 'admin.conf',
    usage: CLIENT,
  },
  {
    name: 'apiserver',
    longName: 'certificate for serving the Kubernetes API',
    authority: 'ca',
    file: 'pki/apiserver.crt',
    usage: ['serverAuth'],
  },
  {
    name: 'apiserver-etcd-client',
    longName: 'certificate the apiserver uses to access etcd',
    authority: 'etcd-ca',
    file: 'pki/apiserver-etcd-client.crt',
    usage: CLIENT,
  },
  {
    name: 'apiserver-kubelet-client',
    longName: 'certificate for the API server to connect to kubelet',
    authority: 'ca',
    file: 'pki/apiserver-kubelet-client.crt',
    usage: CLIENT,
  },
  {
    name: 'controller-manager.conf',
    longName: 'certificate embedded in the kubeconfig file for the controller manager to use',
    authority: 'ca',
    file: 'controller-manager.conf',
    usage: CLIENT,
  },
  {
    name: 'etcd-healthcheck-client',
    longName: 'certificate for liveness probes to healthcheck etcd',
    authority: 'etcd-ca',
    file: 'pki/etcd/healthcheck-client.crt',
    usage: CLIENT,
  },
  {
    name: 'etcd-peer',
    longName: 'certificate for etcd nodes to communicate with each other',
    authority: 'etcd-ca',
    file: 'pki/etcd/peer.crt',
    usage: BOTH,
  },
  {
    name: 'etcd-server',
    longName: 'certificate for serving etcd',
    authority: 'etcd-ca',
    file: 'pki/etcd/server.crt',
    usage: BOTH,
  },
  {
    name: 'front-proxy-client',
    longName: 'certificate for the front proxy client',
    authority: 'front-proxy-ca',
    file: 'pki/front-proxy-client.crt',
    usage: CLIENT,
  },
  {
    name: 'scheduler.conf',
    longName: 'certificate embedded in the kubeconfig file for the scheduler manager to use',
    authority: 'ca',
    file: 'scheduler.conf',
    usage: CLIENT,
  },
  {
    name: 'super-admin.conf',
    longName: 'certificate embedded in the kubeconfig file for the super-admin',
    authority: 'ca',
    file: 'super-admin.conf',
    usage: CLIENT,
  },
];

/** Their certificates and keys, without the suffix, below /etc/kubernetes. */
export const AUTHORITIES: Readonly<Record<AuthorityName, string>> = {
  ca: 'pki/ca',
  'etcd-ca': 'pki/etcd/ca',
  'front-proxy-ca': 'pki/front-proxy-ca',
};
