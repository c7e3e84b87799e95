import type { LabId } from '../../protocol/ids.ts';
import { LabError } from '../cluster.ts';
import { hostsDoctor } from './hosts/doctor.ts';
import type { Nursery } from './hosts/nursery.ts';
import { type HostSet, startHosts } from './hosts/start-hosts.ts';

/** How long the network may take to start, in milliseconds; ordinarily 100. */
const START_MS = 20_000;

export interface PodNetworkRequest {
  readonly lab: LabId;
  readonly nursery: () => Promise<Nursery>;
  /** Takes what goes wrong later. */
  readonly fault: (error: unknown) => void;
}

/** Starts a network without machines, for the pods of a lab that has none. Rejects with `LabError` where this machine forbids namespaces. */
export async function startPodNetwork({ lab, nursery, fault }: PodNetworkRequest): Promise<HostSet> {
  const [problem] = (await hostsDoctor()).filter(({ severity }) => severity === 'error');
  if (problem !== undefined)
    throw new LabError(`not simulated: containers here, because ${problem.what}`, problem.remedy);
  return await startHosts({
    lab,
    hosts: [],
    nursery: await nursery(),
    files: [],
    progress: () => undefined,
    signal: AbortSignal.timeout(START_MS),
    fault,
  });
}
