import type { Job } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import { isFinished } from './controller.ts';

/** pkg/controller/ttlafterfinished: deletes Jobs so many seconds after they are over. */
export function finishedJobsController(cluster: Cluster): Controller {
  const jobs = cluster.resource('jobs', 'batch');
  return {
    name: 'ttl-after-finished-controller',
    watches: [watchOwn(jobs)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const job = cluster.get(jobs, namespace, name) as Job | undefined;
      const ttl = job?.spec.ttlSecondsAfterFinished;
      if (job === undefined || ttl === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
      if (!isFinished(job)) return undefined;
      const end = job.status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
      const left = Date.parse(end?.lastTransitionTime ?? '') + ttl * 1000 - cluster.clock.now();
      if (left > 0) return left;
      const { uid = '' } = job.metadata;
      await cluster.delete(jobs, namespace, name, { propagationPolicy: 'Foreground', uid });
      return undefined;
    },
  };
}
