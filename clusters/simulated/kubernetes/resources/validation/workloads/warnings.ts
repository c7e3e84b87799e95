import type { JobSpec, PersistentVolumeClaim, PodTemplateSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import type { KubeObject } from '../../../object.ts';
import { withSpec } from '../hook.ts';
import { templateWarnings } from '../pods/warnings.ts';
import { isFractional } from '../quantities.ts';

const WHY =
  'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';

interface Spec {
  readonly template?: PodTemplateSpec;
  readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
}

/** What was read before and says the same still is not warned of again: upstream asks metadata.generation. */
export const isUnchanged = (object: KubeObject, old: KubeObject | undefined): boolean =>
  old !== undefined && object.metadata.generation === old.metadata.generation;

/** A name that pods cannot have as host name. */
export function nameWarnings({ metadata: { name } }: KubeObject, old: KubeObject | undefined): string[] {
  const texts = old === undefined && name ? dns1123LabelErrors(name) : [];
  return texts.length === 0 ? [] : [`metadata.name: ${WHY}: [${texts.join(' ')}]`];
}

/** What DaemonSets warn of: what their template holds. */
export const podTemplateWarnings = (object: KubeObject, old: KubeObject | undefined): string[] =>
  isUnchanged(object, old) ? [] : templateWarnings((withSpec(object)['spec'] as Spec).template, 'spec.template');

/** The same and their names: Deployments, ReplicaSets. */
export const workloadWarnings = (object: KubeObject, old: KubeObject | undefined): string[] => [
  ...nameWarnings(object, old),
  ...podTemplateWarnings(object, old),
];

/** pkg/registry/apps/statefulset/strategy.go: sizes of claims that are no whole bytes; in an update its path has a capital. */
export function statefulSetWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const { volumeClaimTemplates = [] } = withSpec(object)['spec'] as Spec;
  return [
    ...podTemplateWarnings(object, old),
    ...volumeClaimTemplates.flatMap(({ spec }, i) =>
      claimWarnings(spec, `spec.volumeClaimTemplates[${i}]${old === undefined ? '' : '.Spec'}`),
    ),
  ];
}

/** GetWarningsForPersistentVolumeClaimSpec of pkg/api/persistentvolumeclaim. */
function claimWarnings(spec: PersistentVolumeClaim['spec'] | undefined, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const size = spec?.resources?.[list]?.['storage'];
    return size !== undefined && isFractional(size)
      ? [
          `${path}.resources.${list}[storage]: fractional byte value ${JSON.stringify(size)} is invalid, must be an integer`,
        ]
      : [];
  });
}

const MANY_COMPLETIONS = 100_000;
const MANY_AT_ONCE = 10_000;

/** WarningsForJobSpec of pkg/api/job/warnings.go. */
export function jobSpecWarnings(spec: Partial<JobSpec>, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  return [
    ...(completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE
      ? [
          'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
        ]
      : []),
    ...templateWarnings(template, `${path}.template`),
  ];
}
