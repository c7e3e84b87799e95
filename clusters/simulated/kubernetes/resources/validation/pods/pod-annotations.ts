import type { Pod, PodSpec, SeccompProfile } from '../../../model/generated/objects.ts';
import { forbidden, invalid, type Findings } from '../field-errors.ts';
import { MAX_INT32 } from '../numbers.ts';
import { validateDescendingPath } from '../paths.ts';
import { containersWithPaths } from './windows.ts';

type Texts = Readonly<Record<string, string>> | undefined;

export const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** ValidatePodSpecificAnnotations; `path` ends in `annotations`. */
export function validatePodAnnotations(annotations: Texts, spec: PodSpec, path: string, found: Findings): void {
  if (!annotations) return;
  const mirror = annotations[MIRROR];
  if (mirror !== undefined && !spec.nodeName) {
    found.push(invalid(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && (!/^-?(0|[1-9]\d*)$/.test(cost) || Math.abs(Number(cost)) > MAX_INT32)) {
    found.push(invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  }
  const seccomp = annotations[SECCOMP_POD];
  if (seccomp !== undefined) validateSeccompText(seccomp, `${path}.${SECCOMP_POD}`, found);
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(SECCOMP_CONTAINER)) validateSeccompText(value, `${path}.${key}`, found);
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(APP_ARMOR)) validateAppArmorText(key, value, spec, path, found);
  }
}

const SECCOMP_TEXTS = new Set(['runtime/default', 'docker/default', 'unconfined']);

function validateSeccompText(text: string, field: string, found: Findings): void {
  if (SECCOMP_TEXTS.has(text)) return;
  if (text.startsWith('localhost/')) validateDescendingPath(text.slice('localhost/'.length), field, found);
  else found.push(invalid(field, text, 'must be a valid seccomp profile'));
}

function validateAppArmorText(key: string, text: string, spec: PodSpec, path: string, found: Findings): void {
  const name = key.slice(APP_ARMOR.length);
  const known = [...containersWithPaths(spec, '')].some(([container]) => container.name === name);
  if (!known) found.push(invalid(`${path}[${key}]`, name, 'container not found'));
  if (text === '' || text === 'runtime/default' || text === 'unconfined' || text.startsWith('localhost/')) return;
  found.push(invalid(`${path}[${key}]`, text, `invalid AppArmor profile name: ${JSON.stringify(text)}`));
}

/** What an annotation of old has to say for a profile in a field. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  Unconfined: ['unconfined'],
  RuntimeDefault: ['runtime/default', 'docker/default'],
};

/** validateSeccompAnnotationsAndFields and validateAppArmorAnnotationsAndFieldsMatchOnCreate: both say the same, or one says nothing. */
export function validateProfilesMatch(annotations: Texts, spec: PodSpec, path: string, found: Findings): void {
  if (!annotations) return;
  const ofPod = spec.securityContext;
  compare('seccomp', annotations[SECCOMP_POD], ofPod?.seccompProfile, `${path}.securityContext.seccompProfile`, found);
  for (const [{ name, securityContext }, at] of containersWithPaths(spec, path)) {
    const field = `${at}.securityContext.seccompProfile`;
    compare('seccomp', annotations[`${SECCOMP_CONTAINER}${name}`], securityContext?.seccompProfile, field, found);
  }
  if (spec.os?.name === 'windows') return;
  for (const [{ name, securityContext }, at] of containersWithPaths(spec, path)) {
    const profile = securityContext?.appArmorProfile ?? ofPod?.appArmorProfile;
    compare('apparmor', annotations[`${APP_ARMOR}${name}`], profile, `${at}.securityContext.appArmorProfile`, found);
  }
}

function compare(
  what: 'seccomp' | 'apparmor',
  text: string | undefined,
  profile: SeccompProfile | undefined,
  field: string,
  found: Findings,
): void {
  if (text === undefined || !profile) return;
  const { type, localhostProfile } = profile;
  if (type === 'Localhost') {
    if (!text.startsWith('localhost/'))
      found.push(forbidden(`${field}.type`, `${what} type in annotation and field must match`));
    else if (text.slice('localhost/'.length) !== localhostProfile) {
      found.push(forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`));
    }
  } else if (TEXTS[type]?.includes(text) === false) {
    found.push(forbidden(`${field}.type`, `${what} type in annotation and field must match`));
  }
}

/** ValidatePodSpecificAnnotationUpdates */
export function validateAnnotationUpdates({ metadata, spec }: Pod, old: Pod, found: Findings): void {
  const now = metadata.annotations ?? {};
  const then = old.metadata.annotations ?? {};
  for (const key in then) {
    if (now[key] === then[key]) continue;
    const field = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) found.push(forbidden(field, 'may not remove or update AppArmor annotations'));
    if (key === MIRROR) found.push(forbidden(field, 'may not remove or update mirror pod annotation'));
  }
  for (const key in now) {
    if (then[key] !== undefined) continue;
    const field = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR)) found.push(forbidden(field, 'may not add AppArmor annotations'));
    if (key === MIRROR) found.push(forbidden(field, 'may not add mirror pod annotation'));
  }
  validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations', found);
}
