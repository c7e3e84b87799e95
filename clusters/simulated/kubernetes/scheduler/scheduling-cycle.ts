import type { Pod, PodDisruptionBudget } from '../model/generated/objects.ts';
import { whyNot } from './filters.ts';
import { fitError } from './fit-error.ts';
import { namedNodes } from './node-selection.ts';
import { type Candidate, preempt } from './preemption.ts';
import { forGood, type Rejection } from './rejection.ts';
import { ranked, type Siblings } from './scores.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';
import { claimProblem, planVolumes, type VolumePlan } from './volume-binding.ts';

export type Outcome =
  | { readonly is: 'node'; readonly node: string; readonly volumes: VolumePlan }
  | {
      readonly is: 'nowhere';
      readonly message: string;
      /** The node where others make room, `none` where they cannot, undefined where what was said before stands. */
      readonly nominate: Candidate | 'none' | undefined;
    };

/** What of the cluster a cycle needs besides the snapshot. */
export interface Circumstances {
  readonly budgets: readonly PodDisruptionBudget[];
  readonly siblings: Siblings | undefined;
}

/** Where a pod goes (scheduler/schedule_one.go schedulePod): prefilter, filter, score; where none is left, preemption. */
export function schedule(pod: Pod, snapshot: Snapshot, { budgets, siblings }: Circumstances): Outcome {
  const nodes = snapshot.nodes.length;
  if (nodes === 0) return { is: 'nowhere', message: 'no nodes available to schedule pods', nominate: undefined };
  const names = namedNodes(pod.spec);
  const beforehand = names?.size === 0 ? 'pod affinity terms conflict' : claimProblem(pod, snapshot.volumes);
  const rejections = new Map<string, Rejection>();
  const fitting: NodeInfo[] = [];
  for (const info of snapshot.nodes) {
    const { name } = info.node.metadata;
    const rejection =
      beforehand !== undefined
        ? forGood(beforehand)
        : names?.has(name) === false
          ? forGood("node(s) didn't satisfy plugin(s) [NodeAffinity]")
          : whyNot(pod, info, snapshot);
    if (rejection === undefined) fitting.push(info);
    else rejections.set(name, rejection);
  }
  const promised = fitting.find(({ node }) => node.metadata.name === pod.status?.nominatedNodeName);
  const best = promised ?? ranked(pod, fitting, snapshot, siblings)[0];
  if (best !== undefined) {
    const volumes = planVolumes(pod, best.node, snapshot.volumes);
    const none = { bind: [], provision: [] };
    return { is: 'node', node: best.node.metadata.name, volumes: 'reasons' in volumes ? none : volumes };
  }
  const reasons = [...rejections.values()].map((rejection) => rejection.reasons);
  const preemption = preempt(pod, snapshot, rejections, budgets);
  // Devices of resource claims come first among the PostFilters, and none is simulated.
  const afterwards =
    preemption.is === 'possible' ? undefined : `no new claims to deallocate, preemption: ${preemption.message}`;
  return {
    is: 'nowhere',
    message: fitError({ nodes, beforehand, reasons, afterwards }),
    nominate: preemption.is === 'possible' ? preemption.candidate : preemption.is === 'useless' ? 'none' : undefined,
  };
}
