import type { CronJob, Job, ObjectReference } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey, watchControlled, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { isFinished } from '../job/controller.ts';
import { controlledBy, controllerReference } from '../ownership.ts';
import { writeStatus, WRITING } from '../status.ts';
import { latestDue, parseSchedule } from './schedule.ts';

const component = 'cronjob-controller';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const stamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** pkg/controller/cronjob/cronjob_controllerv2.go. */
export function cronJobController(cluster: Cluster, record: EventRecorder): Controller {
  const cronJobs = cluster.resource('cronjobs', 'batch');
  const jobs = cluster.resource('jobs', 'batch');

  const tell = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
    record({ about, type, reason, message, component });

  async function remove(cronJob: CronJob, job: Job): Promise<void> {
    await cluster.delete(jobs, job.metadata.namespace ?? '', job.metadata.name, { propagationPolicy: 'Background' });
    await tell(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  }

  /** Keeps so many of the finished Jobs of each kind, the newest. */
  async function trimHistory(cronJob: CronJob, owned: readonly Job[]): Promise<void> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const ended = owned.filter((job) => endedAs(job) === type).sort((a, b) => startOf(a) - startOf(b));
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) await remove(cronJob, job);
    }
  }

  function jobAt(cronJob: CronJob, at: number): KubeObject {
    const { metadata = {}, spec } = structuredClone(cronJob.spec.jobTemplate);
    const labels = metadata.labels === undefined ? {} : { labels: metadata.labels };
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        // The minute in the name makes a second Job for the same time impossible.
        name: `${cronJob.metadata.name}-${Math.floor(at / 60_000)}`,
        namespace: cronJob.metadata.namespace ?? '',
        ...labels,
        annotations: { ...metadata.annotations, [SCHEDULED_AT]: stamp(at) },
        ownerReferences: [controllerReference(cronJob)],
      },
      spec,
    };
  }

  async function start(cronJob: CronJob, at: number): Promise<Job | undefined> {
    try {
      const job = await cluster.create(jobs, jobAt(cronJob, at), WRITING);
      await tell(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
      return job as Job;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') return undefined;
      const why = error instanceof Error ? error.message : String(error);
      await tell(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${why}`);
      throw error;
    }
  }

  return {
    name: component,
    watches: [watchOwn(cronJobs), watchControlled(jobs, 'CronJob')],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const cronJob = cluster.get(cronJobs, namespace, name) as CronJob | undefined;
      if (cronJob === undefined) return undefined;
      const owned = controlledBy<Job>(cluster, jobs, cronJob);
      const now = cluster.clock.now();
      let active: ObjectReference[] = [];
      let lastSuccess = cronJob.status?.lastSuccessfulTime;
      for (const reference of cronJob.status?.active ?? []) {
        const job = owned.find(({ metadata }) => metadata.uid === reference.uid);
        if (job === undefined) {
          await tell(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference.name}`);
        } else if (isFinished(job)) {
          const how = endedAs(job);
          await tell(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${reference.name}, condition: ${how}`);
          if (how === 'Complete') lastSuccess = job.status.completionTime;
        } else {
          active.push(reference);
        }
      }
      for (const job of owned) {
        if (isFinished(job) || active.some(({ uid }) => uid === job.metadata.uid)) continue;
        if (cronJob.status?.active?.some(({ uid }) => uid === job.metadata.uid) === true) continue;
        const expected = job.metadata.annotations?.[SCHEDULED_AT] !== undefined;
        const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
        if (!expected) await tell(cronJob, 'Warning', 'UnexpectedJob', message);
        else active.push(referenceTo(job));
      }
      await trimHistory(cronJob, owned);

      let lastSchedule = cronJob.status?.lastScheduleTime;
      const write = (): Promise<void> =>
        writeStatus(cluster, cronJobs, cronJob, {
          active,
          ...(lastSchedule === undefined ? {} : { lastScheduleTime: lastSchedule }),
          ...(lastSuccess === undefined ? {} : { lastSuccessfulTime: lastSuccess }),
        });
      if (cronJob.metadata.deletionTimestamp !== undefined || cronJob.spec.suspend === true) {
        await write();
        return undefined;
      }
      const schedule = parseSchedule(cronJob.spec.schedule, cronJob.spec.timeZone);
      if (schedule === undefined) {
        const text = `unparseable schedule: ${JSON.stringify(cronJob.spec.schedule)}`;
        await tell(cronJob, 'Warning', 'UnparseableSchedule', text);
        await write();
        return undefined;
      }
      const next = schedule.next(now);
      if (next === undefined) {
        // What cron can read and no calendar has, such as 31 February: upstream finds the same time twice.
        const why = 'time difference between two schedules is less than 1 second';
        await tell(cronJob, 'Warning', 'InvalidSchedule', `invalid schedule: ${cronJob.spec.schedule} : ${why}`);
        await write();
        return undefined;
      }
      const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
      const deadline = startingDeadlineSeconds === undefined ? undefined : startingDeadlineSeconds * 1000;
      const since = Math.max(
        Date.parse(lastSchedule ?? cronJob.metadata.creationTimestamp ?? ''),
        deadline === undefined ? 0 : now - deadline,
      );
      const due = latestDue(schedule, since, now);
      const again = Math.max(1, next - now);
      if (due !== undefined) {
        if (due.missed > 100) {
          const message = `too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew`;
          await tell(cronJob, 'Warning', 'TooManyMissedTimes', message);
        }
        if (concurrencyPolicy === 'Forbid' && active.length > 0) {
          const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
          await tell(cronJob, 'Normal', 'JobAlreadyActive', message);
          await write();
          return again;
        }
        if (concurrencyPolicy === 'Replace') {
          for (const job of owned) if (active.some(({ uid }) => uid === job.metadata.uid)) await remove(cronJob, job);
          active = [];
        }
        const job = await start(cronJob, due.at);
        if (job !== undefined) active.push(referenceTo(job));
        lastSchedule = stamp(due.at);
      }
      await write();
      return again;
    },
  };
}

const startOf = ({ metadata, status }: Job): number => Date.parse(status.startTime ?? metadata.creationTimestamp ?? '');

const endedAs = ({ status }: Job): string | undefined =>
  status.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')?.type;

const referenceTo = ({ apiVersion, kind, metadata }: Job): ObjectReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  uid: metadata.uid ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
});
