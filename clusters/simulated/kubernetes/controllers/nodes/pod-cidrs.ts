import { POD_CIDR } from '../../bootstrap/cluster-plan.ts';
import type { Node } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { WRITING } from '../status.ts';

/** `--node-cidr-mask-size` 24: the third byte of the cluster's /16 counts the nodes. */
const MOST_NODES = 256;

/** pkg/controller/nodeipam/ipam/range_allocator.go: every node gets a part of the pods' network. */
export function podCidrController(cluster: Cluster, record: EventRecorder): Controller {
  const nodes = cluster.resource('nodes');
  const [first = '', second = ''] = POD_CIDR.split('.');
  return {
    name: 'node-ipam-controller',
    watches: [
      {
        resource: nodes,
        keys: ({ type, object }) =>
          type === 'DELETED' || (object as Node).spec?.podCIDR !== undefined ? [] : [`/${object.metadata.name}`],
      },
    ],
    async reconcile(key) {
      const { name } = splitKey(key);
      const node = cluster.get(nodes, '', name) as Node | undefined;
      if (node === undefined || node.spec?.podCIDR !== undefined) return;
      const taken = new Set((cluster.list(nodes) as readonly Node[]).flatMap(({ spec }) => spec?.podCIDRs ?? []));
      const podCIDR = Array.from({ length: MOST_NODES }, (_, at) => `${first}.${second}.${at}.0/24`).find(
        (cidr) => !taken.has(cidr),
      );
      if (podCIDR === undefined) {
        const message = `Node ${name} status is now: CIDRNotAvailable`;
        await record({ about: node, type: 'Normal', reason: 'CIDRNotAvailable', message, component: 'cidrAllocator' });
        return;
      }
      const give = (draft: object): boolean => {
        const copy = draft as Node;
        if (copy.spec?.podCIDR !== undefined) return false;
        copy.spec = { ...copy.spec, podCIDR, podCIDRs: [podCIDR] };
        return true;
      };
      await cluster.modify(nodes, { namespace: '', name }, give, WRITING);
    },
  };
}
