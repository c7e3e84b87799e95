import { isDeepStrictEqual } from 'node:util';
import type { DaemonSet, Node, Pod } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import { tolerates } from '../scheduler/taints.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchControlled, watchOwn } from './controller.ts';
import { templateHash } from './deployment/template-hash.ts';
import type { EventRecorder } from './events.ts';
import { controlledBy } from './ownership.ts';
import { isActive, isReady, podFrom, untilAvailable } from './pods.ts';

const component = 'daemonset-controller';
const GENERATION = 'pod-template-generation';
const HASH = 'controller-revision-hash';

/** Tolerations that every daemon pod gets (daemon/util AddOrUpdateDaemonPodTolerations). */
const TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
].map((toleration) => ({ ...toleration, operator: 'Exists' }));

/** pkg/controller/daemon: one pod a node that its selector and tolerations allow. */
export function daemonSetController(cluster: Cluster, record: EventRecorder): Controller {
  const daemonSets = cluster.resource('daemonsets', 'apps');
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');

  const belongsOn = (set: DaemonSet, node: Node): boolean => {
    const selector = Object.entries(set.spec.template.spec?.nodeSelector ?? {});
    if (!selector.every(([label, value]) => node.metadata.labels?.[label] === value)) return false;
    const tolerations = [...(set.spec.template.spec?.tolerations ?? []), ...TOLERATIONS];
    return (node.spec?.taints ?? []).every(
      (taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint),
    );
  };

  function podFor(set: DaemonSet, node: Node, hash: string): KubeObject {
    const pod = podFrom(set.spec.template, set) as Pod;
    pod.metadata.labels = { ...pod.metadata.labels, [HASH]: hash, [GENERATION]: String(set.metadata.generation ?? 1) };
    pod.spec.tolerations = [...(pod.spec.tolerations ?? []), ...TOLERATIONS];
    pod.spec.affinity = {
      ...pod.spec.affinity,
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.metadata.name] }] },
          ],
        },
      },
    };
    return pod;
  }

  /** The node a daemon pod is meant for, before the scheduler has said so too. */
  const nodeOf = ({ spec }: Pod): string | undefined =>
    spec.nodeName ??
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]
      ?.values?.[0];

  async function place(set: DaemonSet, hash: string, where: readonly Node[]): Promise<void> {
    const running = controlledBy<Pod>(cluster, pods, set).filter(isActive);
    for (const node of where) {
      if (running.some((pod) => nodeOf(pod) === node.metadata.name)) continue;
      try {
        const pod = await cluster.create(pods, podFor(set, node, hash), { fieldManager: 'kube-controller-manager' });
        const message = `Created pod: ${pod.metadata.name}`;
        await record({ about: set, type: 'Normal', reason: 'SuccessfulCreate', message, component });
      } catch (error) {
        const message = `Error creating: ${error instanceof Error ? error.message : String(error)}`;
        await record({ about: set, type: 'Warning', reason: 'FailedCreate', message, component });
        throw error;
      }
    }
    const wanted = new Set(where.map(({ metadata }) => metadata.name));
    const surplus = running.filter((pod) => !wanted.has(nodeOf(pod) ?? ''));
    for (const pod of [...surplus, ...outdated(set, running, hash)]) {
      await cluster.delete(pods, pod.metadata.namespace ?? '', pod.metadata.name);
      const message = `Deleted pod: ${pod.metadata.name}`;
      await record({ about: set, type: 'Normal', reason: 'SuccessfulDelete', message, component });
    }
  }

  return {
    name: component,
    watches: [
      watchOwn(daemonSets),
      watchControlled(pods, 'DaemonSet'),
      {
        resource: nodes,
        keys: () => cluster.list(daemonSets).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cluster.get(daemonSets, namespace, name) as DaemonSet | undefined;
      if (set === undefined) return undefined;
      const hash = templateHash(set.spec.template, set.status?.collisionCount);
      const where = (cluster.list(nodes) as Node[]).filter((node) => belongsOn(set, node));
      if (set.metadata.deletionTimestamp === undefined) await place(set, hash, where);

      const now = cluster.clock.now();
      const current = controlledBy<Pod>(cluster, pods, set).filter(isActive);
      const waits = current.map((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now));
      const available = waits.filter((wait) => wait === 0).length;
      const optional = {
        updatedNumberScheduled: current.filter(({ metadata }) => metadata.labels?.[HASH] === hash).length,
        numberAvailable: available,
        numberUnavailable: where.length - available,
        observedGeneration: set.metadata.generation ?? 0,
      };
      const status = {
        currentNumberScheduled: current.length,
        desiredNumberScheduled: where.length,
        numberMisscheduled: 0,
        numberReady: current.filter(isReady).length,
        ...Object.fromEntries(Object.entries(optional).filter(([, count]) => count !== 0)),
      };
      await cluster.modify(
        daemonSets,
        { namespace, name },
        (draft) => {
          if (isDeepStrictEqual({ ...(draft['status'] as object) }, status)) return false;
          draft['status'] = status;
          return true;
        },
        { subresource: 'status' },
      );
      const pending = waits.filter((wait) => wait > 0 && wait !== Infinity);
      return pending.length === 0 ? undefined : Math.min(...pending);
    },
  };
}

/** Pods of an older template that a rolling update may take away now: one at a time, all unready ones at once. */
function outdated(set: DaemonSet, running: readonly Pod[], hash: string): readonly Pod[] {
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const old = running.filter(({ metadata }) => metadata.labels?.[HASH] !== hash);
  const unready = old.filter((pod) => !isReady(pod));
  const mayMiss = Number(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1) || 1;
  const missing = running.filter((pod) => !isReady(pod)).length;
  return [...unready, ...old.filter(isReady).slice(0, Math.max(0, mayMiss - missing))];
}
