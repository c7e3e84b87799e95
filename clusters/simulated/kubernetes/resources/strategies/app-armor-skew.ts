import type { AppArmorProfile, Container, Pod } from '../../model/generated/objects.ts';
import { APP_ARMOR } from '../validation/pods/pod-annotations.ts';

const LOCALHOST = 'localhost/';

/** What an annotation of before v1.30 means as a field (pkg/api/pod/util.go ApparmorFieldForAnnotation); undefined for what it cannot mean. */
function fieldOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  const profile = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length) : '';
  return profile === '' || profile.trim() !== profile || profile.length > 4095
    ? undefined
    : { type: 'Localhost', localhostProfile: profile };
}

const same = (a: AppArmorProfile | undefined, b: AppArmorProfile | undefined): boolean =>
  a?.type === b?.type && a?.localhostProfile === b?.localhostProfile;

const containersOf = ({ spec }: Pod): Pick<Container, 'name' | 'securityContext'>[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
  ...(spec?.ephemeralContainers ?? []),
];

/** Copies annotations to the fields that took their place (pkg/registry/core/pod/strategy.go applyAppArmorVersionSkew). */
export function applyAppArmorSkew(pod: Pod): void {
  if (pod.spec?.os?.name === 'windows' || pod.metadata?.annotations === undefined) return;
  const ofPod = pod.spec?.securityContext?.appArmorProfile;
  for (const container of containersOf(pod)) {
    const annotation = pod.metadata.annotations[`${APP_ARMOR}${container.name}`];
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue;
    const field = fieldOf(annotation);
    if (field === undefined || same(field, ofPod)) continue;
    container.securityContext = { ...container.securityContext, appArmorProfile: field };
  }
}

/** Of annotations that became a field, when a pod is made. Whoever writes both, alike, hears it as well: the pod no longer tells. */
export const appArmorWarnings = (pod: Pod): string[] =>
  pod.spec?.os?.name === 'windows'
    ? []
    : containersOf(pod).flatMap(({ name, securityContext }) => {
        const annotation = pod.metadata?.annotations?.[`${APP_ARMOR}${name}`];
        if (annotation === undefined) return [];
        const field = fieldOf(annotation);
        return field !== undefined && same(field, securityContext?.appArmorProfile)
          ? [
              `metadata.annotations[${APP_ARMOR}${name}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
            ]
          : [];
      });
