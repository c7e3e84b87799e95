import { timestamp } from '../../clock.ts';
import type {
  Deployment,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { withCondition } from './conditions.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { writeStatus, WRITING } from './status.ts';
import { unavailable } from './unavailable-metrics.ts';

/** `--horizontal-pod-autoscaler-sync-period` */
const PERIOD_MS = 15_000;
const component = 'horizontal-pod-autoscaler';

type Verdict = readonly [type: string, status: 'True' | 'False', reason: string, message: string];

/**
 * pkg/controller/podautoscaler/horizontal.go in a cluster without metrics-server: bounds are kept, metrics cannot be had.
 */
export function autoscalerController(cluster: Cluster, record: EventRecorder): Controller {
  const autoscalers = cluster.resource('horizontalpodautoscalers', 'autoscaling');
  const warn = (about: KubeObject, reason: string, message: string): Promise<void> =>
    record({ about, type: 'Warning', reason, message, component });

  async function finish(
    autoscaler: HorizontalPodAutoscaler,
    status: Partial<HorizontalPodAutoscalerStatus>,
    verdicts: readonly Verdict[],
  ): Promise<number> {
    const now = timestamp(cluster.clock);
    const conditions = verdicts.reduce<HorizontalPodAutoscalerCondition[]>(
      (all, [type, holds, reason, message]) => withCondition(all, { type, status: holds, reason, message }, now),
      [...(autoscaler.status?.conditions ?? [])],
    );
    const before = autoscaler.status ?? { desiredReplicas: 0, currentMetrics: null };
    await writeStatus(cluster, autoscalers, autoscaler, { ...before, ...status, currentMetrics: null, conditions });
    return PERIOD_MS;
  }

  return {
    name: 'horizontal-pod-autoscaler-controller',
    watches: [watchOwn(autoscalers)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const autoscaler = cluster.get(autoscalers, namespace, name) as HorizontalPodAutoscaler | undefined;
      if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) return undefined;
      const { scaleTargetRef: target, minReplicas = 1, maxReplicas, metrics = [] } = autoscaler.spec;
      const row = cluster.resourceOfKind(target.apiVersion ?? 'v1', target.kind);
      const found = row === undefined ? undefined : cluster.get(row, namespace, target.name);
      if (row === undefined || found === undefined) {
        const why = noTarget(row, target);
        await warn(autoscaler, 'FailedGetScale', why);
        const message = `the HPA controller was unable to get the target's current scale: ${why}`;
        return finish(autoscaler, {}, [['AbleToScale', 'False', 'FailedGetScale', message]]);
      }
      const current = (found as Deployment).spec.replicas ?? 1;
      const running = (found as Deployment).status?.replicas ?? 0;
      const got = "the HPA controller was able to get the target's current scale";
      const able: Verdict = ['AbleToScale', 'True', 'SucceededGetScale', got];
      if (current === 0 && minReplicas !== 0) {
        const off = 'scaling is disabled since the replica count of the target is zero';
        const status = { currentReplicas: running, desiredReplicas: 0 };
        return finish(autoscaler, status, [able, ['ScalingActive', 'False', 'ScalingDisabled', off]]);
      }
      const wanted = Math.min(Math.max(current, minReplicas), maxReplicas);
      if (wanted !== current) {
        const change = (draft: KubeObject): void => void ((draft as Deployment).spec.replicas = wanted);
        await cluster.modify(row, { namespace, name: target.name }, change, WRITING);
        const bound = wanted === maxReplicas ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas';
        const message = `New size: ${wanted}; reason: Current number of replicas ${bound}`;
        await record({ about: autoscaler, type: 'Normal', reason: 'SuccessfulRescale', message, component });
        const rescaled = `the HPA controller was able to update the target scale to ${wanted}`;
        return finish(
          autoscaler,
          { currentReplicas: running, desiredReplicas: wanted, lastScaleTime: timestamp(cluster.clock) },
          [['AbleToScale', 'True', 'SucceededRescale', rescaled]],
        );
      }
      const failures = (metrics.length === 0 ? [undefined] : metrics).map((metric) => unavailable(metric, namespace));
      for (const { reason, message } of failures) await warn(autoscaler, reason, message);
      const { reason = '', message = '', inSum = '' } = failures[0] ?? {};
      const count = `${failures.length} invalid out of ${failures.length}`;
      await warn(autoscaler, 'FailedComputeMetricsReplicas', `invalid metrics (${count}), first error is: ${inSum}`);
      const inactive = `the HPA was unable to compute the replica count: ${message}`;
      const status = { currentReplicas: running, desiredReplicas: autoscaler.status?.desiredReplicas ?? 0 };
      return finish(autoscaler, status, [able, ['ScalingActive', 'False', reason, inactive]]);
    },
  };
}

function noTarget(row: Resource | undefined, target: { kind: string; name: string; apiVersion?: string }): string {
  const [, group = ''] = (target.apiVersion ?? 'v1').split('/').reverse();
  if (row === undefined) return `no matches for kind "${target.kind}" in group "${group}"`;
  return `${row.plural}${group === '' ? '' : `.${group}`} "${target.name}" not found`;
}
