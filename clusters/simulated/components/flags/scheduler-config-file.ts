import { z } from 'zod';
import { type ConfigKind, decodeConfig, Undecodable } from '../../kubernetes/flags/component-config.ts';
import { parseDuration } from '../../kubernetes/flags/duration.ts';
import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { requiredFile } from '../../kubernetes/flags/required-file.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import { remembering } from '../../remembering.ts';

const pluginSet = z.strictObject({
  enabled: z.array(z.strictObject({ name: z.string(), weight: z.int().optional() })).optional(),
  disabled: z.array(z.strictObject({ name: z.string(), weight: z.int().optional() })).optional(),
});
const POINTS =
  'preEnqueue queueSort preFilter filter postFilter preScore score reserve permit preBind bind postBind multiPoint'.split(
    ' ',
  );

const duration = z.string();
const shape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  parallelism: z.int().default(16),
  leaderElection: z
    .strictObject({
      leaderElect: z.boolean().default(true),
      leaseDuration: duration.default('15s'),
      renewDeadline: duration.default('10s'),
      retryPeriod: duration.default('2s'),
      resourceLock: z.string().default('leases'),
      resourceName: z.string().default('kube-scheduler'),
      resourceNamespace: z.string().default('kube-system'),
    })
    .prefault({}),
  clientConnection: z
    .strictObject({
      kubeconfig: z.string().default(''),
      acceptContentTypes: z.string().optional(),
      contentType: z.string().optional(),
      qps: z.number().optional(),
      burst: z.int().default(100),
    })
    .prefault({}),
  enableProfiling: z.boolean().default(true),
  enableContentionProfiling: z.boolean().default(true),
  percentageOfNodesToScore: z.int().optional(),
  podInitialBackoffSeconds: z.int().default(1),
  podMaxBackoffSeconds: z.int().default(10),
  delayCacheUntilActive: z.boolean().default(false),
  profiles: z
    .array(
      z.strictObject({
        schedulerName: z.string().optional(),
        percentageOfNodesToScore: z.int().optional(),
        plugins: z.strictObject(Object.fromEntries(POINTS.map((point) => [point, pluginSet.optional()]))).optional(),
        pluginConfig: z.array(z.strictObject({ name: z.string(), args: z.unknown().optional() })).optional(),
      }),
    )
    .optional(),
  extenders: z.array(z.looseObject({})).optional(),
});

const SCHEDULER_CONFIG: ConfigKind = {
  kind: 'KubeSchedulerConfiguration',
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  scheme: 'pkg/scheduler/apis/config/scheme/scheme.go:30',
  shape,
};

export type SchedulerConfig = z.infer<typeof shape> & {
  /** In order, one at least. */
  readonly schedulerNames: readonly string[];
};

/** The profile of a scheduler that is told of none (pkg/scheduler/apis/config/v1/defaults.go). */
export const DEFAULT_PROFILE = 'default-scheduler';

/**
 * Reads `--config` (cmd/kube-scheduler/app/options/configfile.go, pkg/scheduler/apis/config/validation/validation.go). Throws
 * `StartupError`.
 */
export async function schedulerConfig(path: string, read: ReadFile): Promise<SchedulerConfig> {
  return decoded(await requiredFile(path, read));
}

const decoded = remembering((text): SchedulerConfig => {
  try {
    const config = shape.parse(decodeConfig(text, SCHEDULER_CONFIG));
    for (const time of [
      config.leaderElection.leaseDuration,
      config.leaderElection.renewDeadline,
      config.leaderElection.retryPeriod,
    ])
      seconds(time);
    if (config.extenders !== undefined && config.extenders.length > 0)
      throw new StartupError('not simulated: extenders of the scheduler');
    const { profiles = [] } = config;
    const alone = profiles.length < 2;
    const schedulerNames = profiles.map(({ schedulerName }) => schedulerName ?? (alone ? DEFAULT_PROFILE : ''));
    return { ...config, schedulerNames: schedulerNames.length === 0 ? [DEFAULT_PROFILE] : schedulerNames };
  } catch (error) {
    if (error instanceof Undecodable) throw new StartupError(error.message);
    throw error;
  }
});

/** A duration of the file in seconds. Throws `StartupError`. */
export function seconds(text: string): number {
  const parsed = parseDuration(text);
  if ('failed' in parsed) throw new StartupError(parsed.failed);
  return parsed.seconds;
}

/** What validation says, in its order. */
export function configProblems(
  config: SchedulerConfig,
  election: { readonly leaderElect: boolean; readonly resourceLock: string },
): readonly string[] {
  const {
    parallelism,
    podInitialBackoffSeconds: initial,
    podMaxBackoffSeconds: most,
    schedulerNames,
    clientConnection,
  } = config;
  const share = config.percentageOfNodesToScore;
  const rows: readonly (readonly [boolean, string])[] = [
    [
      clientConnection.burst < 0,
      `clientConnection.burst: Invalid value: ${clientConnection.burst}: must be non-negative`,
    ],
    ...electionRows(config.leaderElection),
    [
      election.leaderElect && election.resourceLock !== 'leases',
      `leaderElection.resourceLock: Invalid value: ${JSON.stringify(election.resourceLock)}: resourceLock value must be "leases"`,
    ],
    [parallelism <= 0, `parallelism: Invalid value: ${parallelism}: should be an integer value greater than zero`],
    ...schedulerNames.flatMap((name, at): (readonly [boolean, string])[] => {
      const first = schedulerNames.indexOf(name);
      const where = `profiles[${at}].schedulerName`;
      return [
        [name === '', `${where}: Required value`],
        [first < at, `${where}: Duplicate value: profiles[${first}].schedulerName`],
      ];
    }),
    [
      share !== undefined && (share < 0 || share > 100),
      `percentageOfNodesToScore: Invalid value: ${share}: not in valid range [0-100]`,
    ],
    [initial <= 0, `podInitialBackoffSeconds: Invalid value: ${initial}: must be greater than 0`],
    [
      most < initial,
      `podMaxBackoffSeconds: Invalid value: ${most}: must be greater than or equal to PodInitialBackoffSeconds`,
    ],
  ];
  return rows.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
}

/** component-base/config/validation/validation.go ValidateLeaderElectionConfiguration. */
function electionRows(election: SchedulerConfig['leaderElection']): readonly (readonly [boolean, string])[] {
  if (!election.leaderElect) return [];
  const {
    leaseDuration: lease,
    renewDeadline: renew,
    retryPeriod: retry,
    resourceLock,
    resourceName,
    resourceNamespace,
  } = election;
  const at = (field: string, text: string): string => `leaderElection.${field}: Invalid value: ${text}: `;
  return [
    [seconds(lease) <= 0, `${at('leaseDuration', lease)}must be greater than zero`],
    [seconds(renew) <= 0, `${at('renewDeadline', renew)}must be greater than zero`],
    [seconds(retry) <= 0, `${at('retryPeriod', retry)}must be greater than zero`],
    [seconds(lease) < seconds(renew), `${at('leaseDuration', renew)}LeaseDuration must be greater than RenewDeadline`],
    [seconds(renew) < seconds(retry), `${at('renewDeadline', retry)}RenewDeadline must be greater than RetryPeriod`],
    [resourceLock === '', 'leaderElection.resourceLock: Required value: resourceLock is required'],
    [resourceNamespace === '', 'leaderElection.resourceNamespace: Required value: resourceNamespace is required'],
    [resourceName === '', 'leaderElection.resourceName: Required value: resourceName is required'],
  ];
}

/** What of a configuration has no effect here. */
export const withoutEffect = ({ profiles = [] }: SchedulerConfig): readonly string[] =>
  profiles.flatMap((profile, at) =>
    (['plugins', 'pluginConfig'] as const)
      .filter((field) => profile[field] !== undefined)
      .map((field) => `not simulated: profiles[${at}].${field} of the scheduler has no effect`),
  );
