import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { Resource } from '../../resources/resource.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const isKind = ({ resource }: AdmissionRequest, group: string, plural: string): boolean =>
  resource.group === group && resource.plural === plural;

/** The class marked as default; of several the newest, then the first by name. */
function defaultClass(cluster: Cluster, resource: Resource, annotation: string): KubeObject | undefined {
  const marked = cluster.list(resource).filter(({ metadata }) => metadata.annotations?.[annotation] === 'true');
  const age = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '';
  return [...marked].sort((a, b) =>
    age(a) === age(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : age(a) > age(b) ? -1 : 1,
  )[0];
}

/** plugin/pkg/admission/storage/storageclass/setdefault/admission.go */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(request, cluster) {
    const { object, operation } = request;
    if (!isKind(request, '', 'persistentvolumeclaims') || operation !== 'CREATE' || request.subresource !== '') return;
    const spec = object?.['spec'] as { storageClassName?: string } | undefined;
    if (object === undefined || spec === undefined || spec.storageClassName != null) return;
    if (object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return;
    const found = defaultClass(
      cluster,
      cluster.resource('storageclasses', 'storage.k8s.io'),
      'storageclass.kubernetes.io/is-default-class',
    );
    if (found !== undefined) spec.storageClassName = found.metadata.name;
  },
};

/** plugin/pkg/admission/network/defaultingressclass/admission.go */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(request, cluster) {
    const { object, operation } = request;
    if (!isKind(request, 'networking.k8s.io', 'ingresses') || operation !== 'CREATE' || request.subresource !== '')
      return;
    const spec = object?.['spec'] as { ingressClassName?: string } | undefined;
    if (object === undefined || spec === undefined || spec.ingressClassName != null) return;
    if (object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
    const found = defaultClass(
      cluster,
      cluster.resource('ingressclasses', 'networking.k8s.io'),
      'ingressclass.kubernetes.io/is-default-class',
    );
    if (found !== undefined) spec.ingressClassName = found.metadata.name;
  },
};

const PROTECTED: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(request) {
    const finalizer = request.resource.group === '' ? PROTECTED[request.resource.plural] : undefined;
    if (finalizer === undefined || request.operation !== 'CREATE' || request.subresource !== '') return;
    const metadata = request.object?.metadata;
    if (metadata === undefined || (metadata.finalizers ?? []).includes(finalizer)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};

/** plugin/pkg/admission/storage/persistentvolume/resize/admission.go */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, cluster) {
    if (!isKind(request, '', 'persistentvolumeclaims') || request.operation !== 'UPDATE' || request.subresource !== '')
      return;
    const size = (object: KubeObject | undefined): string | undefined =>
      (object?.['spec'] as { resources?: { requests?: { storage?: string } } } | undefined)?.resources?.requests
        ?.storage;
    if (size(request.object) === size(request.oldObject)) return;
    const phase = (request.oldObject?.['status'] as { phase?: string } | undefined)?.phase;
    if (phase !== 'Bound') throw forbid(request, 'Only bound persistent volume claims can be expanded');
    const name = (request.object?.['spec'] as { storageClassName?: string } | undefined)?.storageClassName ?? '';
    const found = cluster.get(cluster.resource('storageclasses', 'storage.k8s.io'), '', name);
    if (found?.['allowVolumeExpansion'] !== true) {
      throw forbid(
        request,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    }
  },
};

/** plugin/pkg/admission/nodetaint/admission.go */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(request) {
    if (!isKind(request, '', 'nodes') || request.operation !== 'CREATE' || request.subresource !== '') return;
    const spec = (request.object?.['spec'] ?? {}) as { taints?: { key: string; effect: string }[] };
    if (request.object === undefined) return;
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    if ((spec.taints ?? []).some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
    spec.taints = [...(spec.taints ?? []), taint];
    request.object['spec'] = spec;
  },
};

/** plugin/pkg/admission/network/denyserviceexternalips/admission.go */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(request) {
    if (!isKind(request, '', 'services') || request.subresource !== '') return;
    if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
    const ips = (object: KubeObject | undefined): readonly string[] =>
      (object?.['spec'] as { externalIPs?: string[] } | undefined)?.externalIPs ?? [];
    const before = new Set(ips(request.oldObject));
    if (ips(request.object).some((ip) => !before.has(ip))) {
      throw forbid(request, 'Use of external IPs is denied by admission control');
    }
  },
};
