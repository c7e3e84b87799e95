import type { Container, PodSpec, WindowsSecurityContextOptions } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** validateWindowsSecurityContextOptions */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
  found: Findings,
): void {
  if (!options) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    addTexts(
      found,
      `${path}.gmsaCredentialSpecName`,
      gmsaCredentialSpecName,
      dns1123SubdomainErrors(gmsaCredentialSpecName),
    );
  }
  if (gmsaCredentialSpec === '') {
    found.push(invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'));
  } else if (Buffer.byteLength(gmsaCredentialSpec ?? '') > 64 * 1024) {
    found.push(
      invalid(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'),
    );
  }
  if (runAsUserName === undefined) return;
  for (const why of userNameErrors(runAsUserName)) found.push(invalid(`${path}.runAsUserName`, runAsUserName, why));
}

function userNameErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const texts: string[] = [];
  if (domain !== undefined) {
    if (domain.length >= 256) texts.push("runAsUserName's Domain length must be under 256 characters");
    if (!NETBIOS.test(domain) && !DNS.test(domain)) {
      texts.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') texts.push("runAsUserName's User cannot be empty");
  else if (user.length > 104) texts.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) texts.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    texts.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  }
  return texts;
}

/** Every container with its path, in upstream's order (pkg/apis/core/pods VisitContainersWithPath). */
export function* containersWithPaths(spec: PodSpec, path: string): Generator<[Container, string]> {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) yield [container, `${path}.${list}[${i}]`];
  }
}

/** validateWindowsHostProcessPod */
export function validateHostProcess(spec: PodSpec, path: string, found: Findings): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  for (const [container, at] of containersWithPaths(spec, path)) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    containers++;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      found.push(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, why));
    }
    if (own ?? ofPod ?? false) hostProcesses++;
  }
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers) {
    const why = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    found.push(invalid(path, '', why));
  }
  if (spec.hostNetwork !== true) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers';
    found.push(invalid(`${path}.hostNetwork`, false, why));
  }
}

const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
/** What a pod of Windows cannot have, in upstream's order. */
const POD_FIELDS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
] as const;
const CONTAINER_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** validateOS, validateLinux and validateWindows. */
export function validateOperatingSystem(spec: PodSpec, path: string, found: Findings): void {
  const name = spec.os?.name;
  if (!spec.os) return;
  if (!name) return void found.push(required(`${path}.os.name`));
  if (name !== 'linux' && name !== 'windows')
    return void found.push(notSupported(`${path}.os`, name, ['linux', 'windows']));
  if (name === 'linux') {
    const why = 'windows options cannot be set for a linux pod';
    if (spec.securityContext?.windowsOptions) found.push(forbidden(`${path}.securityContext.windowsOptions`, why));
    for (const [container, at] of containersWithPaths(spec, path)) {
      if (container.securityContext?.windowsOptions) found.push(forbidden(`${at}.securityContext.windowsOptions`, why));
    }
    return;
  }
  const context = (spec.securityContext ?? {}) as Readonly<Record<string, unknown>>;
  for (const field of POD_FIELDS) {
    const [first, second] = field.split('.');
    const value = second === undefined ? spec[first as 'hostPID'] : context[second];
    // The host's namespaces are plain booleans inside, so that false is nothing.
    const isNothing = field === 'hostPID' || field === 'hostIPC' ? value !== true : value === undefined;
    if (!isNothing) found.push(forbidden(`${path}.${field}`, NOT_ON_WINDOWS));
  }
  for (const [container, at] of containersWithPaths(spec, path)) {
    for (const field of CONTAINER_CONTEXT) {
      if (container.securityContext?.[field] !== undefined)
        found.push(forbidden(`${at}.securityContext.${field}`, NOT_ON_WINDOWS));
    }
  }
}
