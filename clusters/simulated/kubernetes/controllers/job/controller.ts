import { timestamp } from '../../../clock.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { claim, watchClaimed } from '../claim.ts';
import { withCondition } from '../conditions.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { podControl } from '../pod-control.ts';
import { isActive, isReady } from '../pods.ts';
import { writeStatus, WRITING } from '../status.ts';
import { judge } from './failure-policy.ts';
import { formatIndexes, indexOf, nextIndexes, parseIndexes } from './indexes.ts';
import { jobPod, TRACKING } from './pods.ts';
import { restartsOf, type Tally, untilNextTry, verdictOf } from './verdict.ts';

const component = 'job-controller';

/** pkg/controller/job/job_controller.go: pods until enough have succeeded or too many have failed. */
export function jobController(cluster: Cluster, record: EventRecorder): Controller {
  const jobs = cluster.resource('jobs', 'batch');
  const pods = cluster.resource('pods');
  const control = podControl(cluster, record, component);
  /** Pods that a Job's status counts already and whose finalizer is still to go; uids. */
  const counted = new Set<string>();

  async function untrack(pod: Pod): Promise<void> {
    const { namespace = '', name, uid = '' } = pod.metadata;
    counted.add(uid);
    await cluster.modify(
      pods,
      { namespace, name },
      (draft) => {
        const others = (draft.metadata.finalizers ?? []).filter((finalizer) => finalizer !== TRACKING);
        if (others.length > 0) draft.metadata.finalizers = others;
        else delete draft.metadata.finalizers;
      },
      WRITING,
    );
    counted.delete(uid);
  }

  /** Adds what has ended since the last look. A pod that was deleted before it ended counts as failed. */
  function tally(job: Job, owned: readonly Pod[]): { tally: Tally; ended: readonly Pod[] } {
    const { status } = job;
    const ended = owned.filter(
      (pod) =>
        pod.metadata.finalizers?.includes(TRACKING) === true &&
        (hasEnded(pod) || (pod.metadata.deletionTimestamp !== undefined && pod.spec.nodeName === undefined)),
    );
    const fresh = ended.filter(({ metadata }) => !counted.has(metadata.uid ?? ''));
    const indexed = job.spec.completionMode === 'Indexed';
    const completed = new Set(parseIndexes(status.completedIndexes));
    const failedIndexes = new Set(parseIndexes(status.failedIndexes));
    let { succeeded = 0, failed = 0 } = status;
    let failJob: string | undefined;
    for (const pod of fresh) {
      const index = indexOf(pod);
      if (pod.status.phase === 'Succeeded') {
        if (indexed && index !== undefined) completed.add(index);
        else succeeded += 1;
        continue;
      }
      const judgement = judge(job, pod);
      if (judgement.means === 'fail job') failJob ??= judgement.message;
      if (judgement.means !== 'ignore') failed += 1;
      const ofIndex = owned.filter((other) => indexOf(other) === index && other.status.phase === 'Failed').length;
      const spent = job.spec.backoffLimitPerIndex !== undefined && ofIndex > job.spec.backoffLimitPerIndex;
      if (index !== undefined && (judgement.means === 'fail index' || spent)) failedIndexes.add(index);
    }
    return {
      ended,
      tally: {
        succeeded: indexed ? completed.size : succeeded,
        failed,
        failJob,
        completed,
        failedIndexes,
        restarts: restartsOf(owned),
      },
    };
  }

  async function removeAll(job: Job, active: readonly Pod[]): Promise<void> {
    for (const pod of active) await control.delete(job, pod);
  }

  /** Makes or removes pods so that as many work as may (manageJob). Returns how many milliseconds to wait after failures. */
  async function manage(
    job: Job,
    active: readonly Pod[],
    owned: readonly Pod[],
    counts: Tally,
  ): Promise<number | undefined> {
    const { parallelism = 1, completions, podReplacementPolicy } = job.spec;
    const left =
      completions === undefined
        ? counts.succeeded > 0
          ? active.length
          : parallelism
        : Math.max(0, completions - counts.succeeded - counts.failedIndexes.size);
    const wanted = Math.min(left, parallelism);
    if (active.length > wanted) {
      await removeAll(job, active.slice(wanted));
      return undefined;
    }
    const leaving = podReplacementPolicy === 'Failed' ? owned.filter((pod) => isLeaving(pod)).length : 0;
    const missing = wanted - active.length - leaving;
    if (missing <= 0) return undefined;
    const wait = untilNextTry(owned, cluster.clock.now());
    if (wait > 0) return wait;
    if (job.spec.completionMode === 'Indexed') {
      const over = new Set([...counts.completed, ...counts.failedIndexes]);
      for (const index of nextIndexes(job, over, active, missing)) {
        const failures = owned.filter((pod) => indexOf(pod) === index && pod.status.phase === 'Failed').length;
        await control.create(job, jobPod(job, index, failures));
      }
    } else {
      for (let i = 0; i < missing; i++) await control.create(job, jobPod(job, undefined));
    }
    return undefined;
  }

  const tell = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
    record({ about, type, reason, message, component });

  return {
    name: component,
    watches: [watchOwn(jobs), watchClaimed(cluster, pods, jobs)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const job = cluster.get(jobs, namespace, name) as Job | undefined;
      if (job === undefined) {
        // Its pods may go; nobody counts them any more.
        for (const pod of orphansOf(cluster.list(pods, namespace) as readonly Pod[], name)) await untrack(pod);
        return undefined;
      }
      const managedBy = job.spec.managedBy ?? 'kubernetes.io/job-controller';
      if (managedBy !== 'kubernetes.io/job-controller') return undefined;
      const owned = await claim<Pod>(cluster, pods, job);
      if (isFinished(job)) {
        for (const pod of owned.filter(({ metadata }) => metadata.finalizers?.includes(TRACKING))) await untrack(pod);
        return undefined;
      }
      const now = timestamp(cluster.clock);
      const { tally: counts, ended } = tally(job, owned);
      const active = owned.filter(isActive);
      const suspended = job.spec.suspend === true;
      const startTime = job.status?.startTime ?? (suspended ? undefined : now);
      const verdict = verdictOf(job, counts, active.length, startTime, cluster.clock.now());

      let conditions: JobCondition[] = [...(job.status?.conditions ?? [])];
      let again = verdict.goes === 'on' ? verdict.again : undefined;
      let failure: unknown;
      let restart = false;
      if (verdict.goes !== 'on') {
        await removeAll(job, active);
      } else if (job.metadata.deletionTimestamp === undefined) {
        const before = conditions.find(({ type }) => type === 'Suspended')?.status === 'True';
        if (suspended) {
          await removeAll(job, active);
          if (!before) await tell(job, 'Normal', 'Suspended', 'Job suspended');
          conditions = withCondition(conditions, { ...JOB_SUSPENDED, lastProbeTime: now }, now);
        } else {
          if (before) {
            await tell(job, 'Normal', 'Resumed', 'Job resumed');
            conditions = withCondition(conditions, { ...JOB_RESUMED, lastProbeTime: now }, now);
            restart = true;
          }
          const wait = await manage(job, active, owned, counts).catch((error: unknown) => void (failure = error));
          if (typeof wait === 'number') again = Math.min(wait, again ?? Infinity);
        }
      }

      const current = await claim<Pod>(cluster, pods, job);
      const working = current.filter(isActive);
      const leaving = current.filter(isLeaving).length;
      const ends = verdict.goes !== 'on' && working.length === 0 && leaving === 0;
      if (verdict.goes !== 'on') conditions = finishing(conditions, verdict, ends, now);
      const status: JobStatus = {
        ...job.status,
        conditions,
        active: working.length,
        ready: working.filter(isReady).length,
        terminating: leaving,
        succeeded: counts.succeeded,
        failed: counts.failed,
        uncountedTerminatedPods: {},
      };
      if (suspended) delete status.startTime;
      else if (startTime !== undefined) status.startTime = restart ? now : startTime;
      if (counts.completed.size > 0) status.completedIndexes = formatIndexes(counts.completed);
      if (counts.failedIndexes.size > 0) status.failedIndexes = formatIndexes(counts.failedIndexes);
      if (ends && verdict.goes === 'complete') status.completionTime = now;
      await writeStatus(cluster, jobs, job, status);
      for (const pod of ended) await untrack(pod);
      if (ends && verdict.goes === 'complete') await tell(job, 'Normal', 'Completed', 'Job completed');
      if (ends && verdict.goes === 'failed') await tell(job, 'Warning', verdict.reason, verdict.message);
      if (failure !== undefined) throw failure;
      return again;
    },
  };
}

const JOB_SUSPENDED = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' };
const JOB_RESUMED = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' };

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const isLeaving = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && !hasEnded(pod);

/** Whether a Job is over, one way or the other (job/utils.go IsJobFinished). */
export const isFinished = ({ status }: Job): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );

const orphansOf = (pods: readonly Pod[], job: string): Pod[] =>
  pods.filter(
    ({ metadata }) =>
      metadata.finalizers?.includes(TRACKING) === true && metadata.labels?.['batch.kubernetes.io/job-name'] === job,
  );

/** The condition that says how it will end comes first, the one that says that it has when no pod is left. */
function finishing(
  conditions: readonly JobCondition[],
  verdict: { goes: 'complete' | 'failed'; reason: string; message: string },
  ends: boolean,
  now: string,
): JobCondition[] {
  const { goes, reason, message } = verdict;
  const condition = (type: string): JobCondition => ({ type, status: 'True', lastProbeTime: now, reason, message });
  const heralded = withCondition(
    conditions,
    condition(goes === 'complete' ? 'SuccessCriteriaMet' : 'FailureTarget'),
    now,
  );
  return ends ? withCondition(heralded, condition(goes === 'complete' ? 'Complete' : 'Failed'), now) : heralded;
}
