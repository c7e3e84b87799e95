import type { DaemonSet, DaemonSetStatus, Node, Pod } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { claim, watchClaimed } from '../claim.ts';
import { type Controller, keyOf, splitKey, watchControlled, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { podControl } from '../pod-control.ts';
import { isActive, isReady, soonest, untilAvailable } from '../pods.ts';
import { keepRevisions, trimRevisions } from '../revisions.ts';
import { writeStatus } from '../status.ts';
import { belongsOn, daemonPod, REVISION_LABEL, rollingLimits, targetNode } from './placement.ts';

const component = 'daemonset-controller';

interface NodePods {
  readonly node: Node;
  readonly old: readonly Pod[];
  readonly fresh: readonly Pod[];
}

/** pkg/controller/daemon: one pod a node that its selector and tolerations allow. */
export function daemonSetController(cluster: Cluster, record: EventRecorder): Controller {
  const daemonSets = cluster.resource('daemonsets', 'apps');
  const revisionRow = cluster.resource('controllerrevisions', 'apps');
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');
  const control = podControl(cluster, record, component);

  /** Makes what is missing, removes what has no place here or has ended, then what an update takes away. */
  async function place(set: DaemonSet, hash: string, owned: readonly Pod[]): Promise<void> {
    const all = cluster.list(nodes) as readonly Node[];
    const staying = new Set(all.filter((node) => belongsOn(set, node).stays).map(({ metadata }) => metadata.name));
    const failed = owned.filter(({ metadata, status }) => ended(status) && metadata.deletionTimestamp === undefined);
    for (const pod of failed) await replaceEnded(set, pod);
    const running = owned.filter(isActive);
    for (const pod of running) if (!staying.has(targetNode(pod) ?? '')) await control.delete(set, pod);

    const starting = all.filter((node) => belongsOn(set, node).starts);
    const onNode = starting.map((node): NodePods => {
      const here = running.filter((pod) => targetNode(pod) === node.metadata.name);
      const isFresh = ({ metadata }: Pod): boolean => metadata.labels?.[REVISION_LABEL] === hash;
      return { node, old: here.filter((pod) => !isFresh(pod)), fresh: here.filter(isFresh) };
    });
    for (const { node, old, fresh } of onNode) {
      for (const pod of fresh.slice(1)) await control.delete(set, pod);
      const leaving = owned.some(
        (pod) => targetNode(pod) === node.metadata.name && !isActive(pod) && !ended(pod.status),
      );
      if (old.length + fresh.length === 0 && !leaving) await control.create(set, daemonPod(set, node, hash));
    }
    if (set.spec.updateStrategy?.type !== 'OnDelete') await roll(set, hash, onNode);
  }

  async function replaceEnded(set: DaemonSet, pod: Pod): Promise<void> {
    const reason = pod.status.phase === 'Failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod';
    const what = pod.status.phase === 'Failed' ? 'failed' : 'succeeded';
    const message = `Found ${what} daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${pod.spec.nodeName}, will try to ${what === 'failed' ? 'kill' : 'delete'} it`;
    const type = what === 'failed' ? 'Warning' : 'Normal';
    await record({ about: set, type, reason, message, component });
    await control.delete(set, pod);
  }

  /** daemon/update.go rollingUpdate: an old pod that is not available is replaced at once, others as the limits allow. */
  async function roll(set: DaemonSet, hash: string, onNode: readonly NodePods[]): Promise<void> {
    const { unavailable, surge } = rollingLimits(set, onNode.length);
    const now = cluster.clock.now();
    const isAvailable = (pod: Pod): boolean => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0;
    if (surge > 0) {
      const isSurging = ({ old, fresh }: NodePods): boolean =>
        old.length > 0 && fresh.length > 0 && !fresh.some(isAvailable);
      let room = surge - onNode.filter(isSurging).length;
      for (const { node, old, fresh } of onNode) {
        if (old.length === 0) continue;
        if (fresh.some(isAvailable)) for (const pod of old) await control.delete(set, pod);
        else if (fresh.length === 0 && (!old.some(isAvailable) || room-- > 0))
          await control.create(set, daemonPod(set, node, hash));
      }
      return;
    }
    // Nodes whose old pod is not available are not waited for.
    const isMissing = ({ old, fresh }: NodePods): boolean => old.length === 0 && !fresh.some(isAvailable);
    let room = unavailable - onNode.filter(isMissing).length;
    for (const { old, fresh } of onNode) {
      if (fresh.length > 0) continue;
      for (const pod of old) if (!isAvailable(pod) || room-- > 0) await control.delete(set, pod);
    }
  }

  function statusOf(set: DaemonSet, hash: string, owned: readonly Pod[], waits: readonly number[]): DaemonSetStatus {
    const wanted = (cluster.list(nodes) as readonly Node[]).filter((node) => belongsOn(set, node).starts);
    const names = new Set(wanted.map(({ metadata }) => metadata.name));
    const placed = owned.filter((pod) => names.has(targetNode(pod) ?? ''));
    const available = placed.filter((pod) => waits[owned.indexOf(pod)] === 0).length;
    return {
      ...(set.status.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
      currentNumberScheduled: new Set(placed.map(targetNode)).size,
      desiredNumberScheduled: wanted.length,
      numberMisscheduled: owned.length - placed.length,
      numberReady: placed.filter(isReady).length,
      updatedNumberScheduled: placed.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] === hash).length,
      numberAvailable: available,
      numberUnavailable: Math.max(0, wanted.length - available),
      observedGeneration: set.metadata.generation ?? 0,
    };
  }

  return {
    name: component,
    watches: [
      watchOwn(daemonSets),
      watchClaimed(cluster, pods, daemonSets),
      watchControlled(revisionRow, 'DaemonSet'),
      {
        resource: nodes,
        keys: ({ object, old }) =>
          old !== undefined && sameToDaemons(object as Node, old as Node) ? [] : cluster.list(daemonSets).map(keyOf),
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cluster.get(daemonSets, namespace, name) as DaemonSet | undefined;
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const { all, wanted } = await keepRevisions(cluster, set, REVISION_LABEL);
      const hashOf = (labels: Readonly<Record<string, string>> | undefined): string => labels?.[REVISION_LABEL] ?? '';
      const hash = hashOf(wanted.metadata.labels);
      let failure: unknown;
      await place(set, hash, await claim<Pod>(cluster, pods, set)).catch((error: unknown) => (failure = error));

      const owned = (await claim<Pod>(cluster, pods, set)).filter(isActive);
      const now = cluster.clock.now();
      const waits = owned.map((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now));
      await writeStatus(cluster, daemonSets, set, statusOf(set, hash, owned, waits));
      const live = new Set([hash, ...owned.map(({ metadata }) => hashOf(metadata.labels))]);
      await trimRevisions(cluster, set, all, ({ metadata }) => live.has(hashOf(metadata.labels)));
      if (failure !== undefined) throw failure;
      return soonest(waits);
    },
  };
}

const ended = (status: Pod['status']): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Heartbeats change nothing for daemon pods (daemon_controller.go shouldIgnoreNodeUpdate). */
const sameToDaemons = (a: Node, b: Node): boolean =>
  a.metadata.generation === b.metadata.generation &&
  JSON.stringify([a.metadata.labels, a.spec]) === JSON.stringify([b.metadata.labels, b.spec]);
