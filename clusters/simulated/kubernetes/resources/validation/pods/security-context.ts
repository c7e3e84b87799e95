import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext } from '../../../model/generated/objects.ts';
import { duplicate, forbidden, invalid, notSupported, required, tooLong, type Findings } from '../field-errors.ts';
import { internalValue } from '../internal-values.ts';
import { inclusiveRange, MAX_INT32 } from '../numbers.ts';
import { validateDescendingPath } from '../paths.ts';
import { containersWithPaths, validateWindowsOptions } from './windows.ts';

/** IsValidUserID and IsValidGroupID. */
function validateId(id: number | undefined, field: string, found: Findings): void {
  if (id !== undefined && (id < 0 || id > MAX_INT32)) found.push(invalid(field, id, inclusiveRange(0, MAX_INT32)));
}

/** ValidateSecurityContext of a container. */
export function validateContainerSecurity(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
  found: Findings,
): void {
  if (!context) return;
  validateId(context.runAsUser, `${path}.runAsUser`, found);
  validateId(context.runAsGroup, `${path}.runAsGroup`, found);
  const { procMount } = context;
  if (procMount !== undefined) {
    if (procMount !== 'Default' && procMount !== 'Unmasked') {
      found.push(notSupported(`${path}.procMount`, procMount, ['Default', 'Unmasked']));
    }
    if (hostUsers && procMount === 'Unmasked') {
      found.push(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  validateSeccomp(context.seccompProfile, `${path}.seccompProfile`, found);
  if (context.allowPrivilegeEscalation === false) {
    const shown = (): unknown => internalValue(context, 'io.k8s.api.core.v1.SecurityContext');
    if (context.privileged === true) {
      const why = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      found.push(invalid(path, shown(), why));
    }
    for (const capability of context.capabilities?.add ?? []) {
      if (capability !== 'CAP_SYS_ADMIN') continue;
      const why = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      found.push(invalid(path, shown(), why));
    }
  }
  validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, found);
  validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, found);
}

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** validateSeccompProfileField */
function validateSeccomp(profile: SeccompProfile | undefined, path: string, found: Findings): void {
  if (!profile) return;
  const { type, localhostProfile } = profile;
  if (!type) found.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(type)) found.push(notSupported(`${path}.type`, type, PROFILE_TYPES));
  const field = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (localhostProfile === undefined) {
      found.push(required(field, 'must be set when seccomp type is Localhost'));
    } else validateDescendingPath(localhostProfile, field, found);
  } else if (localhostProfile !== undefined) {
    const shown = internalValue(profile, 'io.k8s.api.core.v1.SeccompProfile');
    found.push(invalid(field, shown, 'can only be set when seccomp type is Localhost'));
  }
}

/** PATH_MAX - 1 */
const LONGEST_PROFILE = 4095;

/** ValidateAppArmorProfileField */
function validateAppArmor(profile: AppArmorProfile | undefined, path: string, found: Findings): void {
  if (!profile) return;
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    const trimmed = localhostProfile?.trim();
    if (localhostProfile !== undefined && trimmed !== localhostProfile) {
      found.push(invalid(field, localhostProfile, 'must not be padded with whitespace'));
    } else if (!localhostProfile) {
      found.push(required(field, 'must be set when AppArmor type is Localhost'));
    }
    if (Buffer.byteLength(localhostProfile ?? '') > LONGEST_PROFILE) found.push(tooLong(field, LONGEST_PROFILE));
  } else if (!type) {
    found.push(required(`${path}.type`, 'type is required when appArmorProfile is set'));
  } else if (!PROFILE_TYPES.includes(type)) {
    found.push(notSupported(`${path}.type`, type, PROFILE_TYPES));
  } else if (localhostProfile !== undefined) {
    found.push(invalid(field, localhostProfile, 'can only be set when AppArmor type is Localhost'));
  }
}

/** validatePodSpecSecurityContext; host namespaces lie in the spec itself. */
export function validatePodSecurity(spec: PodSpec, path: string, found: Findings): void {
  const { securityContext: context } = spec;
  const at = `${path}.securityContext`;
  if (context) {
    validateId(context.fsGroup, `${at}.fsGroup`, found);
    validateId(context.runAsUser, `${at}.runAsUser`, found);
    validateId(context.runAsGroup, `${at}.runAsGroup`, found);
    for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
      validateId(group, `${at}.supplementalGroups[${i}]`, found);
    }
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    found.push(invalid(`${at}.shareProcessNamespace`, true, why));
  }
  if (!context) return;
  validateSysctls(spec, `${at}.sysctls`, found);
  oneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${at}.fsGroupChangePolicy`, found);
  validateSeccomp(context.seccompProfile, `${at}.seccompProfile`, found);
  validateWindowsOptions(context.windowsOptions, `${at}.windowsOptions`, found);
  validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`, found);
  oneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${at}.supplementalGroupsPolicy`, found);
  oneOf(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${at}.seLinuxChangePolicy`, found);
}

function oneOf(value: string | undefined, supported: readonly string[], field: string, found: Findings): void {
  if (value !== undefined && !supported.includes(value)) found.push(notSupported(field, value, supported));
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL_PATTERN = new RegExp(SYSCTL);
const LONGEST_SYSCTL = 253;

function validateSysctls({ securityContext, hostNetwork, hostIPC }: PodSpec, path: string, found: Findings): void {
  const names = new Set<string>();
  for (const [i, { name = '' }] of (securityContext?.sysctls ?? []).entries()) {
    const field = `${path}[${i}].name`;
    if (!name) found.push(required(field));
    else if (name.length > LONGEST_SYSCTL || !SYSCTL_PATTERN.test(name)) {
      found.push(invalid(field, name, `must have at most ${LONGEST_SYSCTL} characters and match regex ${SYSCTL}`));
    } else if (names.has(name)) found.push(duplicate(field, name));
    const namespace = sysctlNamespace(name.replaceAll('/', '.'));
    if (hostNetwork === true && namespace === 'net') {
      found.push(invalid(field, name, "may not be specified when 'hostNetwork' is true"));
    } else if (hostIPC === true && namespace === 'ipc') {
      found.push(invalid(field, name, "may not be specified when 'hostIPC' is true"));
    }
    names.add(name);
  }
}

/** component-helpers/node/util/sysctl GetNamespace */
const sysctlNamespace = (name: string): 'net' | 'ipc' | undefined =>
  name.startsWith('net.')
    ? 'net'
    : name.startsWith('fs.mqueue.') ||
        name === 'kernel.sem' ||
        name.startsWith('kernel.shm') ||
        name.startsWith('kernel.msg')
      ? 'ipc'
      : undefined;

/** validateHostUsers: a pod with users of its own may not share the host's other namespaces, nor its devices. */
export function validateHostUsers(spec: PodSpec, path: string, found: Findings): void {
  if (spec.hostUsers !== false) return;
  const why = 'when `hostUsers` is false';
  if (spec.hostNetwork === true) found.push(forbidden(`${path}.hostNetwork`, why));
  if (spec.hostPID === true) found.push(forbidden(`${path}.HostPID`, why));
  if (spec.hostIPC === true) found.push(forbidden(`${path}.HostIPC`, why));
  for (const [{ volumeDevices = [] }, at] of containersWithPaths(spec, path)) {
    if (volumeDevices.length > 0) found.push(forbidden(`${at}.volumeDevices`, why));
  }
}
