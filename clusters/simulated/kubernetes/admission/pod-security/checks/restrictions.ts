import type { Control, PodCheck } from '../check.ts';
import { containersOf } from '../pod.ts';
import { containers, quoted, setters, sorted } from '../wording.ts';

const ALLOWED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** In the order in which upstream asks; the first that is set names the volume's type. */
const FORBIDDEN_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

/** check_restrictedVolumes.go */
export const restrictedVolumes: Control = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [
    {
      since: 0,
      overrides: ['hostPathVolumes'],
      check: (_meta, spec) => {
        const names: string[] = [];
        const types: string[] = [];
        for (const volume of spec.volumes ?? []) {
          if (ALLOWED_VOLUMES.some((type) => volume[type] != null)) continue;
          names.push(volume.name);
          types.push(FORBIDDEN_VOLUMES.find((type) => volume[type] != null) ?? 'unknown');
        }
        if (names.length === 0) return undefined;
        const distinct = sorted(types);
        const volumes = names.length === 1 ? 'volume' : 'volumes';
        const uses = names.length === 1 ? 'uses' : 'use';
        const which = distinct.length === 1 ? 'restricted volume type' : 'restricted volume types';
        return {
          reason: 'restricted volume types',
          detail: `${volumes} ${quoted(names)} ${uses} ${which} ${quoted(distinct)}`,
        };
      },
    },
  ],
};

const nonRoot: PodCheck = (_meta, spec) => {
  const podValue = spec.securityContext?.runAsNonRoot;
  const explicit: string[] = [];
  const implicit: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const value = securityContext?.runAsNonRoot;
    if (value === false) explicit.push(name);
    else if ((value === undefined || value === null) && podValue !== true) implicit.push(name);
  }
  const reason = 'runAsNonRoot != true';
  if (podValue === false || explicit.length > 0) {
    return {
      reason,
      detail: `${setters(podValue === false, explicit)} must not set securityContext.runAsNonRoot=false`,
    };
  }
  if (implicit.length === 0) return undefined;
  return { reason, detail: `pod or ${containers(implicit)} must set securityContext.runAsNonRoot=true` };
};

/** Since 1.35 root in a user namespace is not root. */
const exceptInUserNamespace =
  (check: PodCheck): PodCheck =>
  (meta, spec) =>
    spec.hostUsers === false ? undefined : check(meta, spec);

/** check_runAsNonRoot.go */
export const runAsNonRoot: Control = {
  id: 'runAsNonRoot',
  level: 'restricted',
  versions: [
    { since: 0, check: nonRoot },
    { since: 35, check: exceptInUserNamespace(nonRoot) },
  ],
};

const notUserZero: PodCheck = (_meta, spec) => {
  const pod = spec.securityContext?.runAsUser === 0;
  const names = containersOf(spec)
    .filter(({ securityContext }) => securityContext?.runAsUser === 0)
    .map(({ name }) => name);
  if (!pod && names.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${setters(pod, names)} must not set runAsUser=0` };
};

/** check_runAsUser.go */
export const runAsUser: Control = {
  id: 'runAsUser',
  level: 'restricted',
  versions: [
    { since: 23, check: notUserZero },
    { since: 35, check: exceptInUserNamespace(notUserZero) },
  ],
};
