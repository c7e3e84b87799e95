import type { Pod } from '../model/generated/objects.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';

/** Why a pod may not go to a node, in the words that the scheduler's event counts. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Whether it could pass once other pods had gone (`Unschedulable`, not `UnschedulableAndUnresolvable`). */
  readonly mayYield: boolean;
}

/** One of the default profile's filter plugins. Undefined lets the pod pass. */
export type Filter = (pod: Pod, info: NodeInfo, snapshot: Snapshot) => Rejection | undefined;

export const forGood = (...reasons: string[]): Rejection => ({ reasons, mayYield: false });
export const forNow = (...reasons: string[]): Rejection => ({ reasons, mayYield: true });
