import { expect, test } from 'vitest';
import { JOB } from '../strategies/batch.ts';
import { DEPLOYMENT } from '../strategies/workloads.ts';
import { foundInUpdate } from './test-cases.ts';

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const selector = { matchLabels: { a: 'b' } };

test('the counts of a Deployment agree', () => {
  const deployment = { spec: { replicas: 1, selector, template } };
  const before = { ...deployment, status: { collisionCount: 2 } };
  const status = { replicas: 1, updatedReplicas: 2, readyReplicas: -1, collisionCount: 1 };
  expect(foundInUpdate(DEPLOYMENT, before, { ...deployment, status }, 'status')).toEqual([
    'status.readyReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 0: cannot be greater than readyReplicas',
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
});

test('a Job ends one way, and says before that it will', () => {
  const job = { spec: { completions: 1, parallelism: 1, selector, template } };
  const conditions = [{ type: 'Failed', status: 'True' }];
  expect(foundInUpdate(JOB, { ...job, status: {} }, { ...job, status: { conditions } }, 'status')).toEqual([
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    'status.startTime: Required value: startTime is required for finished job',
  ]);
});
