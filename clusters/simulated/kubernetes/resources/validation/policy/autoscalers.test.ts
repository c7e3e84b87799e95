import { expect, test } from 'vitest';
import { HORIZONTAL_POD_AUTOSCALER } from '../../strategies/autoscaling.ts';
import { foundIn, objectOf } from '../test-cases.ts';

const scaleTargetRef = { kind: 'Deployment', name: 'a' };

test('bounds, metrics and behavior', () => {
  const behavior = {
    scaleUp: { stabilizationWindowSeconds: 4000, policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }] },
  };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }, { type: 'Pods' }];
  const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 1, behavior, metrics };
  expect(foundIn(HORIZONTAL_POD_AUTOSCALER, { spec })).toEqual([
    'spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`',
    'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    'spec.metrics[1].pods: Required value: must populate information for the given metric source',
    'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
  ]);
});

test('the behavior of one direction brings that of the other', () => {
  const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
  const draft = objectOf({ spec: { scaleTargetRef, maxReplicas: 3, behavior: { scaleUp: { policies } } } });
  HORIZONTAL_POD_AUTOSCALER.defaults?.(draft);
  expect((draft['spec'] as { behavior: unknown }).behavior).toEqual({
    scaleUp: { policies, stabilizationWindowSeconds: 0, selectPolicy: 'Max' },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  });
});
