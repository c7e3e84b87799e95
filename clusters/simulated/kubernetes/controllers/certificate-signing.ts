import { timestamp } from '../../clock.ts';
import type { CertificateSigningRequest } from '../model/generated/objects.ts';
import type { ExtendedKeyUsage, KeyUsage } from '../../../pki/certificate.ts';
import { readCertificateRequest, type CertificateRequest } from '../pki/certificate-request.ts';
import type { Pki } from '../pki/pki.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import { WRITING } from './status.ts';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const KUBELET_SERVING = 'kubernetes.io/kubelet-serving';
const LEGACY = 'kubernetes.io/legacy-unknown';

/** `--cluster-signing-duration`; shorter asked-for lives begin later than longer ones (certificates/authority/policies.go). */
const LONGEST_MS = 365 * 24 * 3_600_000;
const BACKDATE_MS = 5 * 60_000;
const SHORT_MS = 8 * 3_600_000;

const KEY_USAGES: Readonly<Record<string, KeyUsage>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'key encipherment': 'keyEncipherment',
};
const EXTENDED: Readonly<Record<string, ExtendedKeyUsage>> = {
  'server auth': 'serverAuth',
  'client auth': 'clientAuth',
  'code signing': 'codeSigning',
  'email protection': 'emailProtection',
  timestamping: 'timeStamping',
  'ocsp signing': 'OCSPSigning',
};

/** pkg/controller/certificates: signs what is approved, for the signers of kubernetes.io; approves kubelets' client certificates. */
export function certificateSigningController(cluster: Cluster, pki: Pki): Controller {
  const requests = cluster.resource('certificatesigningrequests', 'certificates.k8s.io');

  async function approve({ metadata, spec }: CertificateSigningRequest, request: CertificateRequest): Promise<void> {
    const isSelf = spec.username === request.commonName;
    const message = `Auto approving ${isSelf ? 'self ' : ''}kubelet client certificate after SubjectAccessReview.`;
    const now = timestamp(cluster.clock);
    const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
    const change = (draft: CertificateSigningRequest): void => {
      draft.status = { ...draft.status, conditions: [{ ...condition, lastUpdateTime: now, lastTransitionTime: now }] };
    };
    await cluster.modify(
      requests,
      { namespace: '', name: metadata.name },
      (draft) => change(draft as CertificateSigningRequest),
      { ...WRITING, subresource: 'approval' },
    );
  }

  async function sign({ metadata, spec }: CertificateSigningRequest, request: CertificateRequest): Promise<void> {
    const problem = problemOf(spec, request);
    const now = cluster.clock.now();
    const life = Math.min(LONGEST_MS, Math.max(600, spec.expirationSeconds ?? Infinity) * 1000);
    const notBefore = now - BACKDATE_MS;
    const certificate =
      problem ??
      pki.signRequest(request, {
        notBefore,
        notAfter: (life <= SHORT_MS ? now : notBefore) + life,
        keyUsage: [...new Set((spec.usages ?? []).flatMap((usage) => KEY_USAGES[usage] ?? []))],
        extendedKeyUsage: (spec.usages ?? []).flatMap((usage) => EXTENDED[usage] ?? []),
      });
    await cluster.modify(
      requests,
      { namespace: '', name: metadata.name },
      (draft) => {
        const { status } = draft as CertificateSigningRequest;
        if (problem === undefined) {
          status.certificate = Buffer.from(certificate).toString('base64');
          return;
        }
        const at = timestamp(cluster.clock);
        const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: problem };
        status.conditions = [...(status.conditions ?? []), { ...failed, lastUpdateTime: at, lastTransitionTime: at }];
      },
      { ...WRITING, subresource: 'status' },
    );
  }

  return {
    name: 'csrsigning-controller',
    watches: [watchOwn(requests)],
    async reconcile(key) {
      const { name } = splitKey(key);
      const csr = cluster.get(requests, '', name) as CertificateSigningRequest | undefined;
      if (csr === undefined) return;
      const has = (type: string): boolean =>
        (csr.status?.conditions ?? []).some((condition) => condition.type === type);
      if (csr.status?.certificate !== undefined || has('Denied') || has('Failed')) return;
      const signers = [CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY];
      if (!signers.includes(csr.spec.signerName)) return;
      const read = readCertificateRequest(Buffer.from(csr.spec.request, 'base64').toString('latin1'));
      if ('failed' in read) return;
      if (has('Approved')) await sign(csr, read.ok);
      else if (isKubeletOwn(csr.spec, read.ok)) await approve(csr, read.ok);
    },
  };
}

type Spec = CertificateSigningRequest['spec'];

/**
 * A kubelet's request for itself, or that of a joining node: whom kubeadm's ClusterRoleBindings let have it
 * (kubeadm:node-autoapprove-bootstrap and -certificate-rotation; approver/sarapprove.go).
 */
function isKubeletOwn(spec: Spec, { commonName, organizations, dnsNames, addresses }: CertificateRequest): boolean {
  if (spec.signerName !== KUBELET_CLIENT || !commonName.startsWith('system:node:')) return false;
  if (organizations.join() !== 'system:nodes' || dnsNames.length + addresses.length > 0) return false;
  if (!(spec.usages ?? []).every((usage) => ['key encipherment', 'digital signature', 'client auth'].includes(usage))) {
    return false;
  }
  const groups = spec.groups ?? [];
  return spec.username === commonName
    ? groups.includes('system:nodes')
    : groups.includes('system:bootstrappers:kubeadm:default-node-token');
}

/** What a signer does not sign (certificates/signer/signer.go, pkg/apis/certificates/helpers.go). */
function problemOf({ signerName, usages = [] }: Spec, request: CertificateRequest): string | undefined {
  const only = (...allowed: string[]): boolean => usages.every((usage) => allowed.includes(usage));
  const names = [...request.dnsNames, ...request.addresses, ...request.emails, ...request.uris];
  const isNode = request.commonName.startsWith('system:node:');
  switch (signerName) {
    case CLIENT:
      return usages.includes('client auth') && only('signing', 'digital signature', 'key encipherment', 'client auth')
        ? undefined
        : 'usages did not match expected values';
    case KUBELET_CLIENT:
      if (request.organizations.join() !== 'system:nodes') return 'subject organization is not system:nodes';
      if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
      if (request.addresses.length > 0) return 'IP subjectAltNames are not allowed';
      if (!isNode) return 'subject common name does not begin with system:node:';
      return usages.includes('client auth') && only('digital signature', 'key encipherment', 'client auth')
        ? undefined
        : 'usages did not match expected values';
    case KUBELET_SERVING:
      if (request.organizations.join() !== 'system:nodes') return 'subject organization is not system:nodes';
      if (names.length === 0) return 'DNS or IP subjectAltName is required';
      if (!isNode) return 'subject common name does not begin with system:node:';
      return usages.includes('server auth') && only('digital signature', 'key encipherment', 'server auth')
        ? undefined
        : 'usages did not match expected values';
    default:
      return undefined;
  }
}
