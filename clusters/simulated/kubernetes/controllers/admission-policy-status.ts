import { typeWarnings } from '../admission/policies/type-checking.ts';
import type { ValidatingAdmissionPolicy } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import { WRITING } from './status.ts';

/** pkg/controller/validatingadmissionpolicystatus: says that a policy was looked at, and which of its expressions do not fit the types it is for. */
export function admissionPolicyStatusController(cluster: Cluster): Controller {
  const policies = cluster.resource('validatingadmissionpolicies', 'admissionregistration.k8s.io');
  return {
    name: 'validatingadmissionpolicy-status-controller',
    watches: [watchOwn(policies)],
    async reconcile(key) {
      const { name } = splitKey(key);
      const policy = cluster.get(policies, '', name) as ValidatingAdmissionPolicy | undefined;
      const { generation = 1 } = policy?.metadata ?? {};
      if (policy === undefined || policy.status?.observedGeneration === generation) return;
      const expressionWarnings = typeWarnings(policy.spec ?? {}, cluster);
      const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
      const status = { ...policy.status, observedGeneration: generation, typeChecking };
      const change = (draft: object): void => void ((draft as ValidatingAdmissionPolicy).status = status);
      await cluster.modify(policies, { namespace: '', name }, change, { ...WRITING, subresource: 'status' });
    },
  };
}
