import { ApiError } from '../../status.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** What CEL would change is not modelled; a policy that is not kept is better than one that is kept and does nothing. */
export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  mutate({ resource, operation }) {
    if (resource.group !== 'admissionregistration.k8s.io' || operation !== 'CREATE') return;
    if (resource.plural !== 'mutatingadmissionpolicies' && resource.plural !== 'mutatingadmissionpolicybindings')
      return;
    throw new ApiError(501, 'NotImplemented', `not simulated: ${resource.kind}`, {
      kind: resource.plural,
      group: resource.group,
    });
  },
};
