import { describe, expect, it } from 'vitest';
import { detailOf, evaluatePod, reasonsOf, type Level, type Version } from './evaluate.ts';
import type { PodSpec } from './pod.ts';
import { NO_POLICY, policyOf } from './policy.ts';

const plain: PodSpec = { containers: [{ name: 'a' }] };
const safe: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};
const reasons = (level: Level, version: Version, spec: PodSpec, annotations: Record<string, string> = {}): string =>
  reasonsOf(evaluatePod(level, version, { annotations }, spec));

describe('evaluatePod', () => {
  it.each<[Level, Version, PodSpec, string]>([
    ['privileged', 'latest', { ...plain, hostNetwork: true }, ''],
    ['baseline', 'latest', plain, ''],
    ['restricted', 'latest', safe, ''],
    ['restricted', 0, plain, 'runAsNonRoot != true'],
    ['restricted', 8, plain, 'allowPrivilegeEscalation != false, runAsNonRoot != true'],
    ['restricted', 19, plain, 'allowPrivilegeEscalation != false, runAsNonRoot != true, seccompProfile'],
    [
      'restricted',
      22,
      plain,
      'allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
    ],
    ['restricted', 99, safe, ''],
    ['restricted', 25, { ...safe, os: { name: 'windows' }, containers: [{ name: 'a' }] }, ''],
    [
      'restricted',
      24,
      { ...safe, os: { name: 'windows' }, containers: [{ name: 'a' }] },
      'allowPrivilegeEscalation != false, unrestricted capabilities',
    ],
    ['restricted', 22, { ...safe, securityContext: { ...safe.securityContext, runAsUser: 0 } }, ''],
    ['restricted', 23, { ...safe, securityContext: { ...safe.securityContext, runAsUser: 0 } }, 'runAsUser=0'],
    ['baseline', 33, { containers: [{ name: 'a', livenessProbe: { httpGet: { host: 'x' } } }] }, ''],
    [
      'baseline',
      34,
      { containers: [{ name: 'a', livenessProbe: { httpGet: { host: 'x' } } }] },
      'probe or lifecycle host',
    ],
    [
      'baseline',
      28,
      { ...plain, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout' }] } },
      'forbidden sysctls',
    ],
    ['baseline', 29, { ...plain, securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout' }] } }, ''],
    [
      'baseline',
      30,
      { ...plain, securityContext: { seLinuxOptions: { type: 'container_engine_t' } } },
      'seLinuxOptions',
    ],
    ['baseline', 31, { ...plain, securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }, ''],
    [
      'baseline',
      34,
      { hostUsers: false, containers: [{ name: 'a', securityContext: { procMount: 'Unmasked' } }] },
      'procMount',
    ],
    ['baseline', 35, { hostUsers: false, containers: [{ name: 'a', securityContext: { procMount: 'Unmasked' } }] }, ''],
  ])('at %s in version %s finds %#', (level, version, spec, expected) => {
    expect(reasons(level, version, spec)).toBe(expected);
  });

  it('reads seccomp from annotations up to 1.18', () => {
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
    expect(reasons('baseline', 18, plain, annotations)).toBe('seccompProfile');
    expect(reasons('baseline', 19, plain, annotations)).toBe('');
  });

  it('looks at init and ephemeral containers, in upstream’s order', () => {
    const bad = { securityContext: { privileged: true } };
    const spec: PodSpec = {
      containers: [{ name: 'b', ...bad }],
      initContainers: [{ name: 'a', ...bad }],
      ephemeralContainers: [{ name: 'c', ...bad }],
    };
    expect(detailOf(evaluatePod('baseline', 'latest', {}, spec))).toBe(
      'privileged (containers "a", "b", "c" must not set securityContext.privileged=true)',
    );
  });

  it('names a host path by its restricted type instead of twice', () => {
    const spec: PodSpec = { ...safe, volumes: [{ name: 'v', hostPath: { path: '/' } }] };
    expect(detailOf(evaluatePod('restricted', 'latest', {}, spec))).toBe(
      'restricted volume types (volume "v" uses restricted volume type "hostPath")',
    );
  });
});

describe('policyOf', () => {
  it('warns at the level it enforces unless told otherwise', () => {
    const { policy } = policyOf(
      { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/enforce-version': 'v1.30' },
      NO_POLICY,
    );
    expect(policy).toEqual({
      enforce: { level: 'baseline', version: 30 },
      audit: { level: 'privileged', version: 'latest' },
      warn: { level: 'baseline', version: 30 },
    });
  });
});
