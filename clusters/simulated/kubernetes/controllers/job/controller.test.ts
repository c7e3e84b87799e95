import { expect, test } from 'vitest';
import type { Job } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { job, sorted } from '../test-manifests.ts';

const KIND = 'batch/v1 Job';
const status = (lab: TestCluster, name = 'j'): Job['status'] | undefined => lab.get<Job>(KIND, name)?.status;
const condition = (lab: TestCluster, type: string): object | undefined =>
  status(lab)?.conditions?.find((one) => one.type === type);

test('a Job runs so many pods at a time until enough have succeeded', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['sleep', '5'], { completions: 3, parallelism: 2 }));
  expect(status(lab)).toMatchObject({ active: 2, ready: 2 });
  await lab.advance(20);
  expect(status(lab)).toMatchObject({ succeeded: 3, completionTime: '2026-01-01T00:00:10Z' });
  expect(status(lab)?.active).toBeUndefined();
  expect(condition(lab, 'Complete')).toMatchObject({ reason: 'CompletionsReached' });
  expect(lab.events('j').at(-1)).toBe('Completed: Job completed');
  expect(lab.pods().every(({ metadata }) => metadata.finalizers === undefined)).toBe(true);
});

test('failures are tried again after a growing wait until the limit is passed', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['false'], { backoffLimit: 2 }));
  expect(status(lab)?.failed).toBe(1);
  await lab.advance(9);
  expect(status(lab)?.failed).toBe(1);
  await lab.advance(1);
  expect(status(lab)?.failed).toBe(2);
  await lab.advance(20);
  expect(status(lab)?.failed).toBe(3);
  const message = 'Job has reached the specified backoff limit';
  expect(condition(lab, 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded', message });
  expect(lab.events('j').at(-1)).toBe(`BackoffLimitExceeded: ${message}`);
});

test('a Job past its deadline loses its pods and fails', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['sleep', '600'], { activeDeadlineSeconds: 30 }));
  await lab.advance(31);
  expect(condition(lab, 'Failed')).toMatchObject({ reason: 'DeadlineExceeded' });
  expect(lab.pods().filter(({ status }) => status.phase === 'Running')).toEqual([]);
});

test('suspending removes the pods, resuming starts the clock anew', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['sleep', '60'], { suspend: true }));
  expect(lab.pods()).toEqual([]);
  expect(condition(lab, 'Suspended')).toMatchObject({ status: 'True', reason: 'JobSuspended' });
  await lab.advance(10);
  await lab.edit(KIND, 'j', (draft) => void ((draft as Job).spec.suspend = false));
  expect(status(lab)).toMatchObject({ active: 1, startTime: '2026-01-01T00:00:10Z' });
  expect(condition(lab, 'Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed' });
  expect(lab.events('j').slice(0, 2)).toEqual(['Suspended: Job suspended', 'Resumed: Job resumed']);
});

test('an indexed Job gives each pod an index and tells which are complete', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['true'], { completions: 3, parallelism: 3, completionMode: 'Indexed' }));
  expect(status(lab)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  expect(sorted(lab.pods().map(({ spec }) => spec.hostname))).toEqual(['j-0', 'j-1', 'j-2']);
  expect(lab.pods()[0]?.spec.containers?.[0]?.env?.[0]).toMatchObject({ name: 'JOB_COMPLETION_INDEX' });
});

test.each([
  { action: 'FailJob', expected: { failed: 1 }, reason: 'PodFailurePolicy' },
  { action: 'Count', expected: { failed: 1 }, reason: 'BackoffLimitExceeded' },
])('a pod failure policy with $action ends a Job for $reason', async ({ action, expected, reason }) => {
  await using lab = await startTestCluster();
  const rules = [{ action, onExitCodes: { operator: 'In', values: [42] } }];
  await lab.apply(job('j', ['sh', '-c', 'exit 42'], { backoffLimit: 0, podFailurePolicy: { rules } }));
  expect(status(lab)).toMatchObject(expected);
  expect(condition(lab, 'Failed')).toMatchObject({ reason });
});

test('a finished Job goes with its pods when its time to live is over', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['true'], { ttlSecondsAfterFinished: 30 }));
  await lab.advance(29);
  expect(lab.get(KIND, 'j')).toBeDefined();
  await lab.advance(2);
  expect(lab.get(KIND, 'j')).toBeUndefined();
  expect(lab.pods()).toEqual([]);
});

test('deleting a running Job takes its pods along', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['sleep', '600']));
  await lab.remove(KIND, 'j', { propagationPolicy: 'Background' });
  expect(lab.pods()).toEqual([]);
});

test('restarts of a pod that starts its containers again count against the limit', async () => {
  await using lab = await startTestCluster();
  const manifest = job('j', ['false'], { backoffLimit: 2 }) as {
    spec: { template: { spec: { restartPolicy: string } } };
  };
  manifest.spec.template.spec.restartPolicy = 'OnFailure';
  await lab.apply(manifest);
  await lab.advance(120);
  expect(condition(lab, 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded' });
  expect(lab.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toEqual([]);
});

test('a limit for each index lets the others go on, and notes how often each has failed', async () => {
  await using lab = await startTestCluster();
  const spec = { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 };
  await lab.apply(job('j', ['false'], spec));
  await lab.advance(60);
  expect(status(lab)).toMatchObject({ failedIndexes: '0,1' });
  expect(condition(lab, 'Failed')).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
  const noted = lab.pods().map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']);
  expect(sorted(noted)).toEqual(['0', '0', '1', '1']);
});

test('a success policy ends a Job before all of it is done', async () => {
  await using lab = await startTestCluster();
  const successPolicy = { rules: [{ succeededIndexes: '0' }] };
  await lab.apply(job('j', ['true'], { completions: 5, parallelism: 1, completionMode: 'Indexed', successPolicy }));
  await lab.advance(5);
  const message = 'Matched rules at index 0';
  expect(condition(lab, 'SuccessCriteriaMet')).toMatchObject({ reason: 'SuccessPolicy', message });
  expect(condition(lab, 'Complete')).toMatchObject({ reason: 'SuccessPolicy', message });
});
