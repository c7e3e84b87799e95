import type { CertificateSigningRequest } from '../../model/generated/objects.ts';
import type { Strategy } from '../resource.ts';
import { validateCertificateRequest } from '../validation/cluster/certificate-requests.ts';
import { checkedBy } from '../validation/hook.ts';

/** pkg/registry/certificates/certificates/strategy.go. Who asks is filled in by the API server, which knows the user. */
export const CERTIFICATE_SIGNING_REQUEST: Partial<Strategy> = {
  prepareForCreate: (draft) => void (draft['status'] = {}),
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource === '') Object.assign(draft, { spec: old['spec'], status: old['status'] });
  },
  ...checkedBy<CertificateSigningRequest>({ create: validateCertificateRequest }),
};
