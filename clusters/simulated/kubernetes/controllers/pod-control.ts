import type { Pod } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { EventRecorder } from './events.ts';
import { WRITING } from './status.ts';

/** Makes and removes the pods of a workload, and tells of it on the workload. */
export interface PodControl {
  /** Rejects with the `ApiError` of the refusal, after the event that tells it. */
  create(owner: KubeObject, pod: KubeObject): Promise<Pod>;
  delete(owner: KubeObject, pod: Pod): Promise<void>;
}

/** pkg/controller/controller_utils.go RealPodControl. `component` is the events' source. */
export function podControl(cluster: Cluster, record: EventRecorder, component: string): PodControl {
  const pods = cluster.resource('pods');
  return {
    async create(about, pod) {
      try {
        const made = await cluster.create(pods, pod, WRITING);
        const message = `Created pod: ${made.metadata.name}`;
        await record({ about, type: 'Normal', reason: 'SuccessfulCreate', message, component });
        return made as Pod;
      } catch (error) {
        // A namespace on its way out refuses everything; upstream keeps silent about that.
        const why = error instanceof Error ? error.message : String(error);
        if (!why.includes('because it is being terminated')) {
          const message = `Error creating: ${why}`;
          await record({ about, type: 'Warning', reason: 'FailedCreate', message, component });
        }
        throw error;
      }
    },
    async delete(about, { metadata }) {
      await cluster.delete(
        pods,
        metadata.namespace ?? '',
        metadata.name,
        metadata.uid === undefined ? {} : { uid: metadata.uid },
      );
      const message = `Deleted pod: ${metadata.name}`;
      await record({ about, type: 'Normal', reason: 'SuccessfulDelete', message, component });
    },
  };
}
