import type { Control, PodCheck } from '../check.ts';
import { containersOf, type PodSpec } from '../pod.ts';
import { containers, quoted, sorted } from '../wording.ts';

const isWindows = (spec: PodSpec): boolean => spec.os?.name === 'windows';

/** Since 1.25 restricted controls that only Linux knows do not ask anything of Windows pods. */
export const exceptWindows =
  (check: PodCheck): PodCheck =>
  (meta, spec) =>
    isWindows(spec) ? undefined : check(meta, spec);

/** check_privileged.go */
export const privileged: Control = {
  id: 'privileged',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const names = containersOf(spec)
          .filter(({ securityContext }) => securityContext?.privileged === true)
          .map(({ name }) => name);
        if (names.length === 0) return undefined;
        return { reason: 'privileged', detail: `${containers(names)} must not set securityContext.privileged=true` };
      },
    },
  ],
};

const noEscalation: PodCheck = (_meta, spec) => {
  const names = containersOf(spec)
    .filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containers(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

/** check_allowPrivilegeEscalation.go; the field came in 1.8. */
export const allowPrivilegeEscalation: Control = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  versions: [
    { since: 8, check: noEscalation },
    { since: 25, check: exceptWindows(noEscalation) },
  ],
};

const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** The containers that add what is not allowed, and what they add. */
function addedBeyond(
  spec: PodSpec,
  allowed: (capability: string) => boolean,
): { names: string[]; capabilities: string[] } {
  const names: string[] = [];
  const capabilities: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const bad = (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed(capability));
    if (bad.length > 0) names.push(name);
    capabilities.push(...bad);
  }
  return { names, capabilities: sorted(capabilities) };
}

const mustNotInclude = (names: readonly string[], capabilities: readonly string[]): string =>
  `${containers(names)} must not include ${quoted(capabilities)} in securityContext.capabilities.add`;

/** check_capabilities_baseline.go */
export const capabilitiesBaseline: Control = {
  id: 'capabilities_baseline',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (_meta, spec) => {
        const { names, capabilities } = addedBeyond(spec, (capability) => DEFAULT_CAPABILITIES.has(capability));
        if (names.length === 0) return undefined;
        return { reason: 'non-default capabilities', detail: mustNotInclude(names, capabilities) };
      },
    },
  ],
};

const dropAll: PodCheck = (_meta, spec) => {
  const keeping = containersOf(spec)
    .filter(({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'))
    .map(({ name }) => name);
  const { names, capabilities } = addedBeyond(spec, (capability) => capability === 'NET_BIND_SERVICE');
  const details = [
    ...(keeping.length === 0 ? [] : [`${containers(keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(names.length === 0 ? [] : [mustNotInclude(names, capabilities)]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

/** check_capabilities_restricted.go */
export const capabilitiesRestricted: Control = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check: dropAll, overrides: ['capabilities_baseline'] },
    { since: 25, check: exceptWindows(dropAll), overrides: ['capabilities_baseline'] },
  ],
};

const maskedProc: PodCheck = (_meta, spec) => {
  const names: string[] = [];
  const kinds: string[] = [];
  for (const { name, securityContext } of containersOf(spec)) {
    const mount = securityContext?.procMount;
    if (mount === undefined || mount === null || mount === 'Default') continue;
    names.push(name);
    kinds.push(mount);
  }
  if (names.length === 0) return undefined;
  return {
    reason: 'procMount',
    detail: `${containers(names)} must not set securityContext.procMount to ${quoted(sorted(kinds))}`,
  };
};

/** check_procMount_baseline.go: since 1.35 a pod in a user namespace may unmask its /proc. */
export const procMount: Control = {
  id: 'procMount',
  level: 'baseline',
  versions: [
    { since: 0, check: maskedProc },
    { since: 35, check: (meta, spec) => (spec.hostUsers === false ? undefined : maskedProc(meta, spec)) },
  ],
};

/** check_procMount_restricted.go */
export const procMountRestricted: Control = {
  id: 'procMount_restricted',
  level: 'restricted',
  versions: [{ since: 35, check: maskedProc, overrides: ['procMount'] }],
};
