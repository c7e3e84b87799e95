import type { Authorizer } from '../../authorization/authorizer.ts';
import { readCertificateRequest } from '../../pki/certificate-request.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

interface Csr {
  spec?: { signerName?: string; request?: string };
  status?: { certificate?: string; conditions?: unknown[] };
}

const concerns = ({ resource }: AdmissionRequest, subresource: string, asked: string): boolean =>
  resource.group === 'certificates.k8s.io' && resource.plural === 'certificatesigningrequests' && subresource === asked;

/** Whether a user may approve or sign for a signer, by its name or by its whole domain (plugin/pkg/admission/certificates/util.go). */
async function isAuthorizedForSigner(
  request: AdmissionRequest,
  authorizer: Authorizer,
  verb: string,
  signer: string,
): Promise<boolean> {
  const base = {
    user: request.user,
    verb,
    isResource: true,
    group: 'certificates.k8s.io',
    version: '*',
    resource: 'signers',
    subresource: '',
    namespace: '',
  } as const;
  for (const name of [signer, `${signer.split('/')[0] ?? ''}/*`]) {
    if ((await authorizer.authorize({ ...base, name })).decision === 'allow') return true;
  }
  return false;
}

/** plugin/pkg/admission/certificates/approval/admission.go */
export const certificateApproval = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateApproval',
  async validate(request) {
    if (request.operation !== 'UPDATE' || !concerns(request, request.subresource, 'approval')) return;
    const signer = (request.oldObject as Csr | undefined)?.spec?.signerName ?? '';
    if (await isAuthorizedForSigner(request, authorizer, 'approve', signer)) return;
    throw forbid(request, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
  },
});

/** plugin/pkg/admission/certificates/signing/admission.go */
export const certificateSigning = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'CertificateSigning',
  async validate(request) {
    if (request.operation !== 'UPDATE' || !concerns(request, request.subresource, 'status')) return;
    const old = request.oldObject as Csr | undefined;
    const next = request.object as Csr | undefined;
    const same =
      old?.status?.certificate === next?.status?.certificate &&
      JSON.stringify(old?.status?.conditions ?? []) === JSON.stringify(next?.status?.conditions ?? []);
    if (same) return;
    const signer = old?.spec?.signerName ?? '';
    if (await isAuthorizedForSigner(request, authorizer, 'sign', signer)) return;
    throw forbid(request, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
  },
});

/** plugin/pkg/admission/certificates/subjectrestriction/admission.go */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (request.operation !== 'CREATE' || !concerns(request, request.subresource, '')) return;
    const spec = (request.object as Csr | undefined)?.spec;
    if (spec?.signerName !== 'kubernetes.io/kube-apiserver-client') return;
    const read = readCertificateRequest(Buffer.from(spec.request ?? '', 'base64').toString('utf8'));
    if ('failed' in read) throw forbid(request, `failed to parse CSR: ${read.failed}`);
    if (read.ok.organizations.includes('system:masters')) {
      throw forbid(
        request,
        'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
      );
    }
  },
};
