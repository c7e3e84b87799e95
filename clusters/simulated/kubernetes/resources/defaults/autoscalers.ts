import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../model/generated/objects.ts';
import { fill } from './fill.ts';

/** pkg/apis/autoscaling/v2/defaults.go: at once, by four pods or all of them again, whichever is more. */
const UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** SetDefaults_HorizontalPodAutoscaler and SetDefaults_HorizontalPodAutoscalerBehavior. */
export function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  if ((spec as typeof spec | undefined) === undefined) return;
  fill(spec, { minReplicas: 1 });
  if ((spec.metrics ?? []).length === 0) {
    spec.metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }
  if (!spec.behavior) return;
  fill((spec.behavior.scaleUp ??= {}), structuredClone(UP));
  fill((spec.behavior.scaleDown ??= {}), structuredClone(DOWN));
}
