import { nodeObject } from '../bootstrap/nodes.ts';
import { startTestCluster, type TestCluster } from '../controllers/test-cluster.ts';
import type { Pod } from '../model/generated/objects.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A second worker in a zone of its own; both have a label of their zone. */
export async function twoZones(): Promise<TestCluster> {
  const lab = await startTestCluster();
  const plan = { name: 'node01', address: '10.10.0.12', podCIDR: '10.244.2.0/24', isControlPlane: false } as const;
  const second = structuredClone(nodeObject(plan, '2026-01-01T00:00:00Z'));
  second.metadata.name = 'node02';
  second.metadata.labels = { ...second.metadata.labels, 'kubernetes.io/hostname': 'node02', zone: 'b' };
  await lab.edit(
    'v1 Node',
    'node01',
    (draft) => void (draft.metadata.labels = { ...draft.metadata.labels, zone: 'a' }),
    '',
  );
  await lab.apply(second);
  return lab;
}

export const nodeOf = (lab: TestCluster, name: string): string | undefined =>
  lab.get<Pod>('v1 Pod', name)?.spec.nodeName;
/** The message of the pod's condition PodScheduled. */
export const why = (lab: TestCluster, name: string): string | undefined =>
  lab.get<Pod>('v1 Pod', name)?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
/** The spec of a pod that asks for so much of a processor. */
export const asks = (cpu: string, more: Fields = {}): Fields => ({
  containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu } } }],
  ...more,
});
