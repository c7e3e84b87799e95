import type { FlagReader } from '../flag-reader.ts';

const SWITCHES = ['api/all', 'api/ga', 'api/beta', 'api/alpha', 'api/legacy'];
/** Groups that the scheme of upstream's 1.36 knows, whatever their versions (pkg/controlplane/import_known_versions.go). */
const GROUPS: ReadonlySet<string> = new Set(
  `admission.k8s.io admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io apps authentication.k8s.io
   authorization.k8s.io autoscaling batch certificates.k8s.io coordination.k8s.io discovery.k8s.io events.k8s.io extensions
   flowcontrol.apiserver.k8s.io imagepolicy.k8s.io internal.apiserver.k8s.io networking.k8s.io node.k8s.io policy
   rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io storagemigration.k8s.io`.split(/\s+/),
);

/** APIEnablementOptions.Validate, and what merging the flag into the served versions refuses (apiserver/pkg/server/resourceconfig/helpers.go). */
export function runtimeConfigProblems(flags: FlagReader): string[] {
  const entries = Object.entries(flags.map('runtime-config'));
  if (entries.length === 1 && entries[0]?.[0] === 'api/all' && entries[0][1] === 'false') {
    return ['invalid key with only api/all=false'];
  }
  const unknown = new Set<string>();
  for (const [key, value] of entries) {
    if (value !== '' && !/^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(value)) {
      return [
        `invalid value of ${key}: ${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
      ];
    }
    if (SWITCHES.includes(key) || key === 'v1' || key === 'api/v1' || key.startsWith('api/v1/')) continue;
    const parts = key.split('/');
    if (parts.length !== 2 && parts.length !== 3) return [`runtime-config invalid key ${key}`];
    if (parts[0] !== '' && !GROUPS.has(parts[0] ?? '')) unknown.add(parts[0] ?? '');
  }
  return unknown.size === 0 ? [] : [`unknown api groups ${[...unknown].join(',')}`];
}

/** validateAPIPriorityAndFairness (pkg/controlplane/apiserver/options/validation.go). */
export function fairnessProblems(flags: FlagReader): string[] {
  if (!flags.flag('enable-priority-and-fairness', true)) return [];
  const config = flags.map('runtime-config');
  const decisive = ['flowcontrol.apiserver.k8s.io/v1', 'api/ga', 'api/all'].find(
    (key) => config[key] === 'true' || config[key] === 'false',
  );
  return decisive === undefined || config[decisive] === 'true'
    ? []
    : [`--runtime-config=${decisive}=false conflicts with --enable-priority-and-fairness=true`];
}
