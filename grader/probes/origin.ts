import type { Lab, Vantage } from '../../clusters/cluster.ts';
import type { Origin } from '../../protocol/scenario.ts';

/** Where a probe's connection starts. Throws `LabError` when the lab has no such place. */
export function originIn(lab: Lab, from: Origin): Promise<Vantage> {
  return from === 'stranger' ? lab.stranger() : lab.host(from);
}
