import type { Control, PodCheck } from '../check.ts';
import { containersOf } from '../pod.ts';
import { containers, quoted, setters, sorted } from '../wording.ts';
import { exceptWindows } from './privileges.ts';

const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const allowedProfile = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost';

/** check_appArmorProfile.go */
export const appArmorProfile: Control = {
  id: 'appArmorProfile',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check: (meta, spec) => {
        const values: string[] = [];
        const bad = (type: string | undefined): boolean => {
          if (type === undefined || allowedProfile(type)) return false;
          values.push(type);
          return true;
        };
        const pod = bad(spec.securityContext?.appArmorProfile?.type);
        const names = containersOf(spec)
          .filter(({ securityContext }) => bad(securityContext?.appArmorProfile?.type))
          .map(({ name }) => name);
        const annotations = Object.entries(meta.annotations ?? {})
          .filter(([key, value]) => key.startsWith(APPARMOR_ANNOTATION) && !allowedAnnotation(value))
          .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
          .sort();
        const who = [
          ...(pod || names.length > 0 ? [setters(pod, names)] : []),
          ...(annotations.length === 0 ? [] : [annotations.length === 1 ? 'annotation' : 'annotations']),
        ];
        if (who.length === 0) return undefined;
        const all = [...sorted(values), ...annotations];
        return {
          reason: all.length === 1 ? 'forbidden AppArmor profile' : 'forbidden AppArmor profiles',
          detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(all)}`,
        };
      },
    },
  ],
};

const allowedAnnotation = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const seLinuxWith =
  (types: ReadonlySet<string>): PodCheck =>
  (_meta, spec) => {
    const badTypes: string[] = [];
    let user = false;
    let role = false;
    const bad = (options: { type?: string; user?: string; role?: string } | undefined): boolean => {
      const before = [badTypes.length, 0, 0];
      if (!types.has(options?.type ?? '')) badTypes.push(options?.type ?? '');
      const setsUser = (options?.user ?? '') !== '';
      const setsRole = (options?.role ?? '') !== '';
      user ||= setsUser;
      role ||= setsRole;
      return setsUser || setsRole || badTypes.length > (before[0] ?? 0);
    };
    const pod = bad(spec.securityContext?.seLinuxOptions);
    const names = containersOf(spec)
      .filter(({ securityContext }) => bad(securityContext?.seLinuxOptions))
      .map(({ name }) => name);
    if (!pod && names.length === 0) return undefined;
    const distinct = sorted(badTypes);
    const data = [
      ...(distinct.length === 0 ? [] : [`${distinct.length === 1 ? 'type' : 'types'} ${quoted(distinct)}`]),
      ...(user ? ['user may not be set'] : []),
      ...(role ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${setters(pod, names)} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    };
  };

/** check_seLinuxOptions.go */
export const seLinuxOptions: Control = {
  id: 'seLinuxOptions',
  level: 'baseline',
  versions: [
    { since: 0, check: seLinuxWith(new Set(SELINUX_TYPES)) },
    { since: 31, check: seLinuxWith(new Set([...SELINUX_TYPES, 'container_engine_t'])) },
  ],
};

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

const seccompAnnotations: PodCheck = (meta, spec) => {
  const annotations = meta.annotations ?? {};
  const allowed = (value: string): boolean =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const forbidden = sorted(
    [SECCOMP_POD, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER + name)].flatMap((key) => {
      const value = annotations[key];
      return value === undefined || allowed(value) ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (forbidden.length === 0) return undefined;
  const which = forbidden.length === 1 ? 'annotation' : 'annotations';
  return { reason: 'seccompProfile', detail: `forbidden ${which} ${forbidden.join(', ')}` };
};

/** What is set to something bad, and who says nothing where nobody above has either. */
const seccompFields =
  (required: boolean): PodCheck =>
  (_meta, spec) => {
    const podType = spec.securityContext?.seccompProfile?.type;
    const pod = podType !== undefined && !allowedProfile(podType);
    const podSets = podType !== undefined && !pod;
    const values = pod ? [podType] : [];
    const explicit: string[] = [];
    const implicit: string[] = [];
    for (const { name, securityContext } of containersOf(spec)) {
      const type = securityContext?.seccompProfile?.type;
      if (type === undefined) {
        if (!podSets) implicit.push(name);
      } else if (!allowedProfile(type)) {
        explicit.push(name);
        values.push(type);
      }
    }
    if (pod || explicit.length > 0) {
      const what = `must not set securityContext.seccompProfile.type to ${quoted(sorted(values))}`;
      return { reason: 'seccompProfile', detail: `${setters(pod, explicit)} ${what}` };
    }
    if (!required || implicit.length === 0) return undefined;
    return {
      reason: 'seccompProfile',
      detail: `pod or ${containers(implicit)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    };
  };

/** check_seccompProfile_baseline.go */
export const seccompProfileBaseline: Control = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  versions: [
    { since: 0, check: seccompAnnotations },
    { since: 19, check: seccompFields(false) },
  ],
};

/** check_seccompProfile_restricted.go */
export const seccompProfileRestricted: Control = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  versions: [
    { since: 19, check: seccompFields(true), overrides: ['seccompProfile_baseline'] },
    { since: 25, check: exceptWindows(seccompFields(true)), overrides: ['seccompProfile_baseline'] },
  ],
};

const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

const sysctlsOf =
  (allowed: readonly string[]): PodCheck =>
  (_meta, spec) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };

/** check_sysctls.go */
export const sysctls: Control = {
  id: 'sysctls',
  level: 'baseline',
  versions: [
    { since: 0, check: sysctlsOf(SYSCTLS) },
    { since: 27, check: sysctlsOf(SYSCTLS_27) },
    { since: 29, check: sysctlsOf(SYSCTLS_29) },
    { since: 32, check: sysctlsOf(SYSCTLS_32) },
  ],
};
