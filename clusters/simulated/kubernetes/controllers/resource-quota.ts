import { counts, quotaUsage } from '../admission/quota/usage.ts';
import type { ResourceQuota } from '../model/generated/objects.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, keyOf, splitKey, type Watch, watchOwn } from './controller.ts';
import { writeStatus } from './status.ts';

/** pkg/controller/resourcequota: what of each quota is used. Admission adds what comes; this sees what goes. */
export function resourceQuotaController(cluster: Cluster): Controller {
  const quotas = cluster.resource('resourcequotas');
  const watchCounted = (resource: Resource): Watch => ({
    resource,
    keys: ({ object }) =>
      (cluster.list(quotas, object.metadata.namespace) as readonly ResourceQuota[])
        .filter(({ spec }) => counts(resource, Object.keys(spec.hard ?? {})))
        .map(keyOf),
  });
  const counted = cluster
    .resources()
    .filter((resource) => resource.namespaced && resource.conversion === undefined && resource !== quotas)
    .filter(({ plural, verbs }) => plural !== 'events' && verbs.includes('delete'));
  return {
    name: 'resourcequota-controller',
    watches: [watchOwn(quotas), ...counted.map(watchCounted)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const quota = cluster.get(quotas, namespace, name) as ResourceQuota | undefined;
      if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return;
      await writeStatus(cluster, quotas, quota, { hard: quota.spec.hard ?? {}, used: quotaUsage(cluster, quota) });
    },
  };
}
