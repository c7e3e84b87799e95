import { expect, test } from 'vitest';
import { POD_TEMPLATE } from '../../strategies/pods.ts';
import { REPLICATION_CONTROLLER } from '../../strategies/workloads.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const template = (spec: object = {}): object => ({
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'a', image: 'nginx' }], ...spec },
});

test('what is declared is said last', () => {
  const spec = { replicas: -1, selector: { app: 'b' }, template: template({ activeDeadlineSeconds: 5 }) };
  expect(foundIn(REPLICATION_CONTROLLER, { spec })).toEqual([
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('counts of the status', () => {
  const before = { spec: { template: template() } };
  expect(foundInUpdate(REPLICATION_CONTROLLER, before, { ...before, status: { readyReplicas: 2 } }, 'status')).toEqual([
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
});

test('templates warn of what pods do', () => {
  const draft = objectOf({ template: template({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }) });
  expect(POD_TEMPLATE.warnings?.(draft, undefined)).toEqual([
    'template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});
