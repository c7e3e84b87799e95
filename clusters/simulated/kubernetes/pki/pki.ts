import { CertificateAuthority } from '../../../pki/certificate-authority.ts';
import type { ExtendedKeyUsage, KeyUsage, SignedCertificate } from '../../../pki/certificate.ts';
import { pem } from '../../../pki/der.ts';
import { newEncodedKey, subjectPublicKeyInfo } from '../../../pki/ec-key.ts';
import type { CertificateRequest } from './certificate-request.ts';
import { kubeconfig } from './kubeconfig.ts';
import type { SigningKey } from './signing-keys.ts';

/** A file as kubeadm leaves it on the controlplane. */
export interface PkiFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface PkiRequest {
  /** Milliseconds since 1970; certificates begin to hold five minutes earlier, as Go's do for clocks that differ. */
  readonly now: number;
  readonly controlPlane: { readonly name: string; readonly addresses: readonly string[] };
  /** Server URL written into the kubeconfigs. */
  readonly server: string;
  /** First address of the service range. */
  readonly serviceAddress: string;
  /** Signs ServiceAccount tokens, kubeadm's sa.key; an EC key is made when it is left out. Never the same for two clusters. */
  readonly signingKey?: SigningKey;
}

export interface ServingNames {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

export interface Pki {
  /** PEM. */
  readonly certificateAuthority: string;
  /** Every file below /etc/kubernetes/pki, the kubeconfigs and the kubelet's. What one holds is made when it is first read. */
  files(): readonly PkiFile[];
  /** One file alone, made when first asked for; undefined for a path that kubeadm does not write. */
  file(path: string): PkiFile | undefined;
  /** How the kubelet of a node that joins shows itself to the API server: its kubeconfig and what that names. */
  kubeletFiles(node: string): readonly PkiFile[];
  clientCertificate(subject: { commonName: string; organizations: readonly string[] }): SignedCertificate;
  servingCertificate(names: ServingNames): SignedCertificate;
  /** Signs a CertificateSigningRequest's request as the controller manager does. Times in milliseconds since 1970. */
  signRequest(
    request: CertificateRequest,
    terms: {
      notBefore: number;
      notAfter: number;
      keyUsage: readonly KeyUsage[];
      extendedKeyUsage: readonly ExtendedKeyUsage[];
    },
  ): string;
}

const YEAR = 365 * 24 * 3600 * 1000;
const CLOCK_SKEW = 5 * 60 * 1000;
const PKI = '/etc/kubernetes/pki';
const CLIENT: readonly ExtendedKeyUsage[] = ['clientAuth'];
const SERVER: readonly ExtendedKeyUsage[] = ['serverAuth'];
const BOTH: readonly ExtendedKeyUsage[] = ['serverAuth', 'clientAuth'];
/** Bound to cluster-admin by kubeadm's ClusterRoleBinding `kubeadm:cluster-admins`. */
const ADMINS = 'kubeadm:cluster-admins';

/**
 * A cluster's certificate authorities and what they signed, all EC P-256 (kubeadm's `encryptionAlgorithm: ECDSA-P256`), with the
 * subjects, names, usages and lifetimes of kubeadm 1.36 (cmd/kubeadm/app/phases/certs/certlist.go, phases/kubeconfig/kubeconfig.go).
 * A P-256 key takes 0.05 ms, so each lab has its own (but for sa.key, see signing-keys.ts); everything but the authority is made when first
 * asked for.
 */
export function createPki(request: PkiRequest): Pki {
  const notBefore = request.now - CLOCK_SKEW;
  const notAfter = request.now + YEAR;
  const { name, addresses } = request.controlPlane;
  const authority = lazy(
    (commonName: string) => new CertificateAuthority(commonName, notBefore, request.now + 10 * YEAR),
  );
  const cluster = authority('kubernetes');
  const signingKey = lazy(() => request.signingKey ?? newEcSigningKey());

  const clientOf = (ca: string, commonName: string, organizations: readonly string[] = []): SignedCertificate =>
    authority(ca).issue({ subject: { commonName, organizations }, notBefore, notAfter, extendedKeyUsage: CLIENT });
  const etcdMember = (): SignedCertificate =>
    authority('etcd-ca').issue({
      subject: { commonName: name },
      notBefore,
      notAfter,
      extendedKeyUsage: BOTH,
      dnsNames: [name, 'localhost'],
      addresses: [...addresses, '127.0.0.1', '::1'],
    });
  const apiServer = (): SignedCertificate =>
    cluster.issue({
      subject: { commonName: 'kube-apiserver' },
      notBefore,
      notAfter,
      extendedKeyUsage: SERVER,
      dnsNames: [
        name,
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
        ...(addresses.includes('127.0.0.1') ? ['localhost'] : []),
      ],
      addresses: [request.serviceAddress, ...addresses],
    });
  const config = (user: string, organizations: readonly string[]): string =>
    kubeconfig({
      server: request.server,
      certificateAuthority: cluster.certificate,
      user,
      credential: clientOf('kubernetes', user, organizations),
    });
  const kubeletPem = '/var/lib/kubelet/pki/kubelet-client-current.pem';

  const pairs: Readonly<Record<string, () => SignedCertificate>> = {
    [`${PKI}/ca`]: () => cluster,
    [`${PKI}/apiserver`]: apiServer,
    [`${PKI}/apiserver-kubelet-client`]: () => clientOf('kubernetes', 'kube-apiserver-kubelet-client', [ADMINS]),
    [`${PKI}/front-proxy-ca`]: () => authority('front-proxy-ca'),
    [`${PKI}/front-proxy-client`]: () => clientOf('front-proxy-ca', 'front-proxy-client'),
    [`${PKI}/etcd/ca`]: () => authority('etcd-ca'),
    [`${PKI}/etcd/server`]: etcdMember,
    [`${PKI}/etcd/peer`]: etcdMember,
    [`${PKI}/etcd/healthcheck-client`]: () => clientOf('etcd-ca', 'kube-etcd-healthcheck-client'),
    [`${PKI}/apiserver-etcd-client`]: () => clientOf('etcd-ca', 'kube-apiserver-etcd-client'),
  };
  const pair = lazy((path: string) => pairs[path]?.());
  const makers = new Map<string, { mode: number; make: () => string }>();
  for (const path of Object.keys(pairs)) {
    makers.set(`${path}.crt`, { mode: 0o644, make: () => pair(path)?.certificate ?? '' });
    makers.set(`${path}.key`, { mode: 0o600, make: () => pair(path)?.key ?? '' });
  }
  const alone = (path: string, mode: number, make: () => string): unknown => makers.set(path, { mode, make });
  alone(`${PKI}/sa.key`, 0o600, () => signingKey('').privateKey);
  alone(`${PKI}/sa.pub`, 0o600, () => signingKey('').publicKey);
  alone('/etc/kubernetes/admin.conf', 0o600, () => config('kubernetes-admin', [ADMINS]));
  alone('/etc/kubernetes/super-admin.conf', 0o600, () => config('kubernetes-super-admin', ['system:masters']));
  alone('/etc/kubernetes/controller-manager.conf', 0o600, () => config('system:kube-controller-manager', []));
  alone('/etc/kubernetes/scheduler.conf', 0o600, () => config('system:kube-scheduler', []));
  const ofKubelet = (node: string): Readonly<Record<string, () => string>> => ({
    [kubeletPem]() {
      const { certificate, key } = clientOf('kubernetes', `system:node:${node}`, ['system:nodes']);
      return certificate + key;
    },
    '/etc/kubernetes/kubelet.conf': () =>
      kubeconfig({
        server: request.server,
        certificateAuthority: cluster.certificate,
        user: `system:node:${node}`,
        credential: { file: kubeletPem },
      }),
  });
  for (const [path, make] of Object.entries(ofKubelet(name))) alone(path, 0o600, make);

  const file = lazy((path: string): PkiFile | undefined => {
    const maker = makers.get(path);
    if (maker === undefined) return undefined;
    return keptFile(path, maker.mode, maker.make);
  });
  return {
    certificateAuthority: cluster.certificate,
    files: () => [...makers.keys()].flatMap((path) => file(path) ?? []),
    file,
    kubeletFiles: (node) => Object.entries(ofKubelet(node)).map(([path, make]) => keptFile(path, 0o600, make)),
    clientCertificate: ({ commonName, organizations }) => clientOf('kubernetes', commonName, organizations),
    servingCertificate: ({ commonName, organizations, dnsNames, addresses: on }) =>
      cluster.issue({
        subject: { commonName, organizations: organizations ?? [] },
        notBefore,
        notAfter,
        extendedKeyUsage: SERVER,
        dnsNames,
        addresses: on,
      }),
    signRequest: ({ commonName, organizations, publicKey, dnsNames, addresses: on }, terms) =>
      cluster.sign({
        subject: { commonName, organizations },
        publicKey: subjectPublicKeyInfo(publicKey),
        dnsNames,
        addresses: on,
        ...terms,
      }),
  };
}

/** A file whose content is made when it is first read. */
function keptFile(path: string, mode: number, make: () => string): PkiFile {
  const content = lazy(make);
  return {
    path,
    mode,
    get content() {
      return content('');
    },
  };
}

function newEcSigningKey(): SigningKey {
  const { privateKey, publicKey } = newEncodedKey();
  return { privateKey: pem('EC PRIVATE KEY', privateKey), publicKey: pem('PUBLIC KEY', publicKey) };
}

/** Remembers the answer for each argument. */
function lazy<T>(make: (argument: string) => T): (argument: string) => T {
  const made = new Map<string, T>();
  return (argument) => {
    const known = made.get(argument);
    if (known !== undefined) return known;
    const fresh = make(argument);
    made.set(argument, fresh);
    return fresh;
  };
}
