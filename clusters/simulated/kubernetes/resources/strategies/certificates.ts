import { timestamp } from '../../../clock.ts';
import type { CertificateSigningRequest } from '../../model/generated/objects.ts';
import type { Strategy } from '../resource.ts';
import {
  validateCertificateRequest,
  validateCertificateRequestApproval,
  validateCertificateRequestStatus,
  validateCertificateRequestUpdate,
} from '../validation/cluster/certificate-verdicts.ts';
import { checkedBy } from '../validation/hook.ts';

/**
 * pkg/registry/certificates/certificates/strategy.go. Any name will do. Who asks is filled in by the API server, which knows the user.
 */
export const CERTIFICATE_SIGNING_REQUEST: Partial<Strategy> = {
  name: () => [],
  resetFields: ['spec'],
  prepareForCreate: (draft) => void (draft['status'] = {}),
  prepareForUpdate(draft, old, { subresource, clock }) {
    if (subresource === '') Object.assign(draft, { spec: old['spec'], status: old['status'] });
    else datedConditions(draft as CertificateSigningRequest, old as CertificateSigningRequest, timestamp(clock));
  },
  ...checkedBy<CertificateSigningRequest>({
    create: validateCertificateRequest,
    update: validateCertificateRequestUpdate,
    parts: { status: validateCertificateRequestStatus, approval: validateCertificateRequestApproval },
  }),
};

/** populateConditionTimestamps: times that the approver left out. */
function datedConditions({ status }: CertificateSigningRequest, old: CertificateSigningRequest, now: string): void {
  for (const condition of status?.conditions ?? []) {
    const same = (old.status?.conditions ?? []).find(
      ({ type, status: holds }) => type === condition.type && holds === condition.status,
    );
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? now;
  }
}
