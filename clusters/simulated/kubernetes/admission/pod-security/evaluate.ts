import type { Control, Finding, PodCheck } from './check.ts';
import {
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  windowsHostProcess,
} from './checks/host.ts';
import {
  allowPrivilegeEscalation,
  capabilitiesBaseline,
  capabilitiesRestricted,
  privileged,
  procMount,
  procMountRestricted,
} from './checks/privileges.ts';
import {
  appArmorProfile,
  seccompProfileBaseline,
  seccompProfileRestricted,
  seLinuxOptions,
  sysctls,
} from './checks/profiles.ts';
import { restrictedVolumes, runAsNonRoot, runAsUser } from './checks/restrictions.ts';
import type { PodMeta, PodSpec } from './pod.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
/** A minor version of Kubernetes 1. */
export type Version = 'latest' | number;

/** The version of this control plane; namespaces may ask for a later one and get this. */
const NEWEST_MINOR = 36;

const CONTROLS: readonly Control[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMount,
  seLinuxOptions,
  seccompProfileBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfileRestricted,
];

const compiled = new Map<string, readonly PodCheck[]>();

/** The checks of a level in a version: baseline ones by id, then restricted ones by id (policy/registry.go). */
function checksOf(level: 'baseline' | 'restricted', minor: number): readonly PodCheck[] {
  const key = `${level}:${minor}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const forms = CONTROLS.filter((control) => level === 'restricted' || control.level === 'baseline').flatMap(
    (control) => {
      const form = control.versions.findLast(({ since }) => since <= minor);
      return form === undefined ? [] : [{ id: control.id, ...form }];
    },
  );
  const overridden = new Set(forms.flatMap(({ overrides }) => overrides ?? []));
  const checks = forms.filter(({ id }) => !overridden.has(id)).map(({ check }) => check);
  compiled.set(key, checks);
  return checks;
}

/** What a pod violates, in upstream's order; empty when it may run at that level. Pure. */
export function evaluatePod(level: Level, version: Version, meta: PodMeta, spec: PodSpec): Finding[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? NEWEST_MINOR : Math.min(version, NEWEST_MINOR);
  return checksOf(level, minor).flatMap((check) => check(meta, spec) ?? []);
}

/** `reason (detail), reason (detail)`, the text of denials and warnings (policy/checks.go ForbiddenDetail). */
export const detailOf = (findings: readonly Finding[]): string =>
  findings.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

/** The reasons alone, for pods that are there already. */
export const reasonsOf = (findings: readonly Finding[]): string => findings.map(({ reason }) => reason).join(', ');
