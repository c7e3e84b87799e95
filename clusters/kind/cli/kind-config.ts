import { stringify } from 'yaml';

export interface KindConfigRequest {
  /** Of every node. */
  readonly image: string;
  /** 2 when left out: a control plane and a worker. */
  readonly nodes?: number;
  /** Names by which the API server is asked besides its node's own. */
  readonly serverNames: readonly string[];
  /** Files of this machine that a node has from the start. */
  readonly mounts?: Readonly<Partial<Record<'controlplane' | 'node01', readonly Mount[]>>>;
  /** Patches of kubeadm's documents, as YAML, for every node. */
  readonly kubeadmPatches?: readonly string[];
}

export interface Mount {
  readonly from: string;
  readonly to: string;
}

/** The containers that kind makes of our two nodes (pkg/cluster/internal/providers/common/namer.go). */
export const nodeContainer = (cluster: string, node: 'controlplane' | 'node01'): string =>
  `${cluster}-${node === 'controlplane' ? 'control-plane' : 'worker'}`;

/**
 * A cluster of a control plane and a worker, as `kind create cluster --config` takes it (kind.x-k8s.io/v1alpha4,
 * https://kind.sigs.k8s.io/docs/user/configuration). The API server is published on a free port of 127.0.0.1 alone.
 */
export function kindConfig(request: KindConfigRequest): string {
  const { image, nodes = 2, serverNames, mounts = {}, kubeadmPatches = [] } = request;
  const node = (role: 'control-plane' | 'worker', name: 'controlplane' | 'node01'): object => {
    const extraMounts = (mounts[name] ?? []).map(({ from, to }) => ({ hostPath: from, containerPath: to }));
    return { role, image, ...(extraMounts.length > 0 ? { extraMounts } : {}) };
  };
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    // Said here, so that what a user's environment changes of kind's defaults does not reach a lab.
    networking: { ipFamily: 'ipv4', apiServerAddress: '127.0.0.1', apiServerPort: 0 },
    kubeadmConfigPatches: [certificateNames(serverNames), ...kubeadmPatches],
    nodes: [node('control-plane', 'controlplane'), node('worker', 'node01')].slice(0, nodes),
  });
}

/** A merge patch replaces a list, so kind's own two names (pkg/cluster/internal/kubeadm/config.go) are said again. */
const certificateNames = (names: readonly string[]): string =>
  stringify({
    kind: 'ClusterConfiguration',
    apiServer: { certSANs: [...new Set(['localhost', '127.0.0.1', ...names])] },
  });
