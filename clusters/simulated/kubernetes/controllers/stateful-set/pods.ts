import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet } from '../../model/generated/objects.ts';
import { podFrom } from '../pods.ts';

export const REVISION_LABEL = 'controller-revision-hash';

/** The number at the end of a pod's name, -1 for a pod that is not of the set (stateful_set_utils.go getParentNameAndOrdinal). */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number {
  const match = /^(.*)-(\d+)$/.exec(metadata.name);
  return match?.[1] === set.metadata.name ? Number(match[2]) : -1;
}

export const claimName = (template: PersistentVolumeClaim, set: StatefulSet, ordinal: number): string =>
  `${template.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The pod of an ordinal with its identity and storage (stateful_set_utils.go newStatefulSetPod, updateIdentity, updateStorage). */
export function statefulPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Pod {
  const pod = podFrom(template, set) as Pod;
  const name = `${set.metadata.name}-${ordinal}`;
  const { generateName: _, ...metadata } = pod.metadata;
  pod.metadata = {
    ...metadata,
    name,
    labels: {
      ...metadata.labels,
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
      [REVISION_LABEL]: revision,
    },
  };
  pod.spec.hostname = name;
  if (set.spec.serviceName !== undefined && set.spec.serviceName !== '') pod.spec.subdomain = set.spec.serviceName;
  const claims = set.spec.volumeClaimTemplates ?? [];
  const claimed = new Set(claims.map((claim) => claim.metadata.name));
  const volumes = claims.map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: claimName(claim, set, ordinal) },
  }));
  const others = (pod.spec.volumes ?? []).filter((volume) => !claimed.has(volume.name));
  if (volumes.length + others.length > 0) pod.spec.volumes = [...volumes, ...others];
  return pod;
}

/** The claims of an ordinal (getPersistentVolumeClaims). They outlive their pod. */
export const claimsOf = (set: StatefulSet, ordinal: number): PersistentVolumeClaim[] =>
  (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const claim = structuredClone(template);
    claim.metadata.name = claimName(template, set, ordinal);
    claim.metadata.namespace = set.metadata.namespace ?? '';
    claim.metadata.labels = { ...claim.metadata.labels, ...set.spec.selector.matchLabels };
    return { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
  });
