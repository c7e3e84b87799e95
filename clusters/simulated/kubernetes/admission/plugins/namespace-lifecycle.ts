import { ApiError, forbidden, notFound } from '../../status.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', plural: 'namespaces' };

/** apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  mutate(request, cluster) {
    const { operation, resource, namespace, name } = request;
    const isNamespace = resource.group === '' && resource.plural === 'namespaces';
    if (operation === 'DELETE' && isNamespace && IMMORTAL.has(name)) {
      throw forbidden(NAMESPACES, name, 'this namespace may not be deleted');
    }
    if (namespace === '' || isNamespace || operation === 'DELETE' || operation === 'CONNECT') return;
    if (resource.group === 'authorization.k8s.io' && resource.plural === 'localsubjectaccessreviews') return;
    const found = cluster.get(cluster.resource('namespaces'), '', namespace);
    if (found === undefined) throw notFound(NAMESPACES, namespace);
    if (operation !== 'CREATE') return;
    const phase = (found['status'] as { phase?: string } | undefined)?.phase;
    if (phase !== 'Terminating' && found.metadata.deletionTimestamp === undefined) return;
    const refusal = forbid(
      request,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    throw new ApiError(refusal.code, refusal.reason, refusal.message, {
      ...refusal.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    });
  },
};

/** plugin/pkg/admission/namespace/autoprovision/admission.go */
export const namespaceAutoProvision: AdmissionPlugin = {
  name: 'NamespaceAutoProvision',
  mutate({ namespace, resource, operation, dryRun }, cluster) {
    const namespaces = cluster.resource('namespaces');
    if (operation !== 'CREATE' || dryRun || namespace === '' || resource === namespaces) return undefined;
    if (cluster.get(namespaces, '', namespace) !== undefined) return undefined;
    const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    return cluster.create(namespaces, made, { fieldManager: 'kube-apiserver' }).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error;
      },
    );
  },
};

/** plugin/pkg/admission/namespace/exists/admission.go */
export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists',
  validate({ namespace, resource, operation }, cluster) {
    if (namespace === '' || (resource.group === '' && resource.plural === 'namespaces') || operation === 'CONNECT')
      return;
    if (cluster.get(cluster.resource('namespaces'), '', namespace) === undefined) throw notFound(NAMESPACES, namespace);
  },
};
