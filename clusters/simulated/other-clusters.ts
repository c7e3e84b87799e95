import { LabError, type Seed } from '../cluster.ts';
import { RELEASE } from './kubernetes/bootstrap/release.ts';

const MINOR = /^v(\d+\.\d+)\./.exec(RELEASE.kubernetes)?.[1] ?? '';

/**
 * Throws `LabError` for a seed whose cluster only kind can make. Patch releases of the one that is modelled are alike to whoever looks at a
 * lab.
 */
export function refuseOtherClusters({ cluster }: Pick<Seed, 'cluster'>): void {
  if (cluster === undefined) return;
  const { kubernetes, nodes, kubeadmPatches } = cluster;
  const nextStep = 'Take a real cluster: --backend kind.';
  if (kubernetes !== undefined && !kubernetes.startsWith(`${MINOR}.`)) {
    throw new LabError(`not simulated: Kubernetes ${kubernetes}; what is simulated is ${MINOR}`, nextStep);
  }
  if (nodes === 1) throw new LabError('not simulated: a cluster without node01', nextStep);
  if (kubeadmPatches.length > 0) throw new LabError('not simulated: patches of kubeadm’s documents', nextStep);
}
