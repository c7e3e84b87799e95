import { nodeNameOf } from '../../authorization/node.ts';
import { references } from '../../authorization/pod-references.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const RESTRICTED_LABEL = /(^|\.)node-restriction\.kubernetes\.io$/;
/** Labels of kubernetes.io and k8s.io that a kubelet may set on its own node (pkg/kubelet/apis/well_known_labels.go). */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'node.kubernetes.io/windows-build',
]);
const KUBELET_PREFIX = /(^|\.)(kubelet|node)\.kubernetes\.io$/;

/** Keeps a kubelet to its own node and pods (plugin/pkg/admission/noderestriction/admission.go). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  mutate(request, cluster) {
    const node = nodeNameOf(request.user);
    if (node === undefined) return;
    const { group, plural } = request.resource;
    switch (`${group}/${plural}`) {
      case '/pods':
        pods(request, cluster, node);
        break;
      case '/nodes':
        nodes(request, node);
        break;
      case '/serviceaccounts':
        tokens(request, cluster, node);
        break;
      case 'coordination.k8s.io/leases':
        own(request, node, 'kube-node-lease', 'can only access node lease with the same name as the requesting node');
        break;
      case 'storage.k8s.io/csinodes':
        own(request, node, undefined, 'can only access CSINode with the same name as the requesting node');
        break;
      case 'certificates.k8s.io/certificatesigningrequests':
        break;
      default:
    }
  },
};

interface PodSpec {
  nodeName?: string;
}

const quote = (text: string): string => JSON.stringify(text);

function pods(request: AdmissionRequest, cluster: Cluster, node: string): void {
  const { operation, subresource, object } = request;
  const existing = (): KubeObject | undefined => cluster.get(cluster.resource('pods'), request.namespace, request.name);
  const bound = (pod: KubeObject | undefined): boolean => (pod?.['spec'] as PodSpec | undefined)?.nodeName === node;
  if (subresource === '' && operation === 'CREATE' && object !== undefined) {
    if (object.metadata.annotations?.[MIRROR] === undefined) {
      throw forbid(
        request,
        `pod does not have ${quote(MIRROR)} annotation, node ${quote(node)} can only create mirror pods`,
      );
    }
    if (!bound(object))
      throw forbid(request, `node ${quote(node)} can only create pods with spec.nodeName set to itself`);
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length > 1)
      throw forbid(request, `node ${quote(node)} can only create pods with a single owner reference set to itself`);
    if (owners.some(({ kind, name }) => kind !== 'Node' || name !== node)) {
      throw forbid(request, `node ${quote(node)} can only create pods with an owner reference set to itself`);
    }
    const [banned] = references(object);
    if (banned !== undefined) {
      const what = {
        Secret: 'secrets',
        ConfigMap: 'configmaps',
        PersistentVolumeClaim: 'persistentvolumeclaims',
        ServiceAccount: 'a service account',
      };
      throw forbid(request, `node ${quote(node)} can not create pods that reference ${what[banned.kind]}`);
    }
    return;
  }
  if (subresource === '' && operation === 'DELETE') {
    if (existing() !== undefined && !bound(existing())) {
      throw forbid(request, `node ${quote(node)} can only delete pods with spec.nodeName set to itself`);
    }
    return;
  }
  if (subresource === 'status' && operation === 'UPDATE') {
    if (!bound(request.oldObject)) {
      throw forbid(request, `node ${quote(node)} can only update pod status for pods with spec.nodeName set to itself`);
    }
    if (JSON.stringify(request.oldObject?.metadata.labels ?? {}) !== JSON.stringify(object?.metadata.labels ?? {})) {
      throw forbid(request, `node ${quote(node)} cannot update labels through pod status`);
    }
    return;
  }
  if (subresource === 'eviction' && operation === 'CREATE') {
    if (existing() !== undefined && !bound(existing())) {
      throw forbid(request, `node ${quote(node)} can only evict pods with spec.nodeName set to itself`);
    }
    return;
  }
  throw forbid(
    request,
    subresource === ''
      ? `unexpected operation ${quote(operation)}, node ${quote(node)} can only create and delete mirror pods`
      : `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`,
  );
}

interface NodeSpec {
  taints?: unknown[];
  configSource?: unknown;
}

function nodes(request: AdmissionRequest, node: string): void {
  const { operation, object, oldObject } = request;
  const requested = request.name === '' ? (object?.metadata.name ?? '') : request.name;
  if (requested !== node) {
    throw forbid(request, `node ${quote(node)} is not allowed to modify node ${quote(requested)}`);
  }
  if (operation === 'CREATE') {
    const labels = forbiddenLabels(Object.keys(object?.metadata.labels ?? {}));
    if (labels.length > 0) {
      throw forbid(request, `node ${quote(node)} is not allowed to set the following labels: ${labels.join(', ')}`);
    }
    if ((object?.metadata.ownerReferences ?? []).length > 0) {
      throw forbid(request, `node ${quote(node)} cannot create with non-empty ownerReferences`);
    }
  }
  if (operation !== 'UPDATE' || object === undefined || oldObject === undefined) return;
  const taints = (of: KubeObject): string => JSON.stringify((of['spec'] as NodeSpec | undefined)?.taints ?? []);
  if (taints(object) !== taints(oldObject))
    throw forbid(request, `node ${quote(node)} is not allowed to modify taints`);
  const changed = [
    ...new Set([...Object.keys(object.metadata.labels ?? {}), ...Object.keys(oldObject.metadata.labels ?? {})]),
  ].filter((key) => object.metadata.labels?.[key] !== oldObject.metadata.labels?.[key]);
  const labels = forbiddenLabels(changed);
  if (labels.length > 0) {
    throw forbid(request, `is not allowed to modify labels: ${labels.join(', ')}`);
  }
  if (
    JSON.stringify(object.metadata.ownerReferences ?? []) !== JSON.stringify(oldObject.metadata.ownerReferences ?? [])
  ) {
    throw forbid(request, `node ${quote(node)} is not allowed to modify ownerReferences`);
  }
}

function forbiddenLabels(keys: readonly string[]): string[] {
  return keys
    .filter((key) => {
      const prefix = key.includes('/') ? (key.split('/')[0] ?? '') : '';
      if (RESTRICTED_LABEL.test(prefix)) return true;
      const kubernetes = /(^|\.)(kubernetes|k8s)\.io$/.test(prefix);
      return kubernetes && !KUBELET_LABELS.has(key) && !KUBELET_PREFIX.test(prefix);
    })
    .sort();
}

function tokens(request: AdmissionRequest, cluster: Cluster, node: string): void {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return;
  const ref = (
    request.object?.['spec'] as
      | { boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string } }
      | undefined
  )?.boundObjectRef;
  if (ref === undefined || ref === null || ref.kind !== 'Pod' || ref.apiVersion !== 'v1' || (ref.name ?? '') === '') {
    throw forbid(request, 'node requested token not bound to a pod');
  }
  if ((ref.uid ?? '') === '') throw forbid(request, 'node requested token with a pod binding without a uid');
  const pod = cluster.get(cluster.resource('pods'), request.namespace, ref.name ?? '');
  if (pod === undefined) throw forbid(request, `pod "${ref.name ?? ''}" not found`);
  if (pod.metadata.uid !== ref.uid) {
    throw forbid(
      request,
      `the UID in the bound object reference (${ref.uid ?? ''}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if ((pod['spec'] as PodSpec | undefined)?.nodeName !== node) {
    throw forbid(request, 'node requested token bound to a pod scheduled on a different node');
  }
}

function own(request: AdmissionRequest, node: string, namespace: string | undefined, why: string): void {
  const name = request.name === '' ? (request.object?.metadata.name ?? '') : request.name;
  if (namespace !== undefined && request.namespace !== namespace) {
    throw forbid(request, `can only access leases in the "${namespace}" system namespace`);
  }
  if (name !== node) throw forbid(request, why);
}
