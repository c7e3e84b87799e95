import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey } from '../controller.ts';
import { WRITING } from '../status.ts';

const TTL = 'node.alpha.kubernetes.io/ttl';

/** pkg/controller/ttl: tells kubelets how long they may keep Secrets; no seconds at all in a cluster of fewer than a hundred nodes. */
export function nodeTtlController(cluster: Cluster): Controller {
  const nodes = cluster.resource('nodes');
  return {
    name: 'ttl-controller',
    watches: [
      {
        resource: nodes,
        keys: ({ type, object }) =>
          type === 'DELETED' || object.metadata.annotations?.[TTL] === '0' ? [] : [`/${object.metadata.name}`],
      },
    ],
    async reconcile(key) {
      const { name } = splitKey(key);
      const note = (draft: { metadata: { annotations?: Record<string, string> } }): boolean => {
        if (draft.metadata.annotations?.[TTL] === '0') return false;
        draft.metadata.annotations = { ...draft.metadata.annotations, [TTL]: '0' };
        return true;
      };
      await cluster.modify(nodes, { namespace: '', name }, note, WRITING);
    },
  };
}
