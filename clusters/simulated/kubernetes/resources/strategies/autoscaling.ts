import type { HorizontalPodAutoscaler } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { defaultAutoscaler } from '../defaults/autoscalers.ts';
import type { Conversion, Strategy } from '../resource.ts';
import { checkedBy } from '../validation/hook.ts';
import {
  validateAutoscaler,
  validateAutoscalerStatus,
  validateAutoscalerUpdate,
} from '../validation/policy/autoscalers.ts';

export const HORIZONTAL_POD_AUTOSCALER: Partial<Strategy> = {
  defaults: (draft) => defaultAutoscaler(draft as HorizontalPodAutoscaler),
  prepareForCreate: (draft) => void (draft['status'] = { currentMetrics: null, desiredReplicas: 0 }),
  ...checkedBy<HorizontalPodAutoscaler>({
    create: validateAutoscaler,
    update: validateAutoscalerUpdate,
    parts: { status: validateAutoscalerStatus },
  }),
};

interface V1Spec {
  targetCPUUtilizationPercentage?: number;
  [field: string]: unknown;
}

const isCpuUtilization = (metric: { type: string; resource?: { name: string; target: { type: string } } }): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target.type === 'Utilization';

/** pkg/apis/autoscaling/v1/conversion.go: v1 knows one metric, the average use of cpu. */
export const AUTOSCALER_V1: Conversion = {
  toStorage(object) {
    const { targetCPUUtilizationPercentage: percent, ...rest } = (object['spec'] ?? {}) as V1Spec;
    const target = { type: 'Utilization', averageUtilization: percent };
    const metrics = percent === undefined ? {} : { metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] };
    return { ...object, apiVersion: 'autoscaling/v2', spec: { ...rest, ...metrics } };
  },
  fromStorage(object): KubeObject {
    const { metrics = [], behavior: _, ...rest } = (object as HorizontalPodAutoscaler).spec ?? { maxReplicas: 0 };
    const cpu = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
    const {
      currentMetrics: _metrics,
      conditions: _conditions,
      ...status
    } = (object['status'] ?? {}) as Record<string, unknown>;
    return {
      ...object,
      apiVersion: 'autoscaling/v1',
      spec: { ...rest, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
      status: { currentReplicas: 0, ...status },
    };
  },
};
