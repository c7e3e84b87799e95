import type { KubeObject } from '../object.ts';

export interface PodReference {
  readonly kind: 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim' | 'ServiceAccount';
  readonly name: string;
}

interface KeyRef {
  name?: string;
}
interface ContainerPart {
  env?: { valueFrom?: { secretKeyRef?: KeyRef; configMapKeyRef?: KeyRef } }[];
  envFrom?: { secretRef?: KeyRef; configMapRef?: KeyRef }[];
}
interface VolumePart {
  name: string;
  secret?: { secretName?: string };
  configMap?: KeyRef;
  persistentVolumeClaim?: { claimName?: string };
  projected?: { sources?: { secret?: KeyRef; configMap?: KeyRef }[] };
  ephemeral?: unknown;
}
interface SpecPart {
  serviceAccountName?: string;
  imagePullSecrets?: KeyRef[];
  containers?: ContainerPart[];
  initContainers?: ContainerPart[];
  ephemeralContainers?: ContainerPart[];
  volumes?: VolumePart[];
}

/** The objects of its namespace that a pod uses (pkg/api/v1/pod/util.go VisitPodSecretNames, VisitPodConfigmapNames). */
export function references(pod: KubeObject): PodReference[] {
  const spec = (pod['spec'] ?? {}) as SpecPart;
  const found: PodReference[] = [];
  const add = (kind: PodReference['kind'], name: string | undefined): void => {
    if (name !== undefined && name !== '') found.push({ kind, name });
  };
  add('ServiceAccount', spec.serviceAccountName);
  for (const secret of spec.imagePullSecrets ?? []) add('Secret', secret.name);
  for (const container of [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]) {
    for (const source of container.envFrom ?? []) {
      add('Secret', source.secretRef?.name);
      add('ConfigMap', source.configMapRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add('Secret', valueFrom?.secretKeyRef?.name);
      add('ConfigMap', valueFrom?.configMapKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    add('Secret', volume.secret?.secretName);
    add('ConfigMap', volume.configMap?.name);
    add('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral !== undefined) add('PersistentVolumeClaim', `${pod.metadata.name}-${volume.name}`);
    for (const source of volume.projected?.sources ?? []) {
      add('Secret', source.secret?.name);
      add('ConfigMap', source.configMap?.name);
    }
  }
  return found;
}
