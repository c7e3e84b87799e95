/** The addresses and names that a cluster is built on, as kubeadm would have been told them. */
export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  /** Where clients inside the lab reach the API server: `https://10.10.0.10:6443`. */
  readonly endpoint: string;
  /** Where Services have their addresses, `--service-cluster-ip-range`; a range of IPv4. */
  readonly serviceRange: string;
}

export interface NodePlan {
  readonly name: 'controlplane' | 'node01';
  readonly address: string;
  readonly podCIDR: string;
  readonly isControlPlane: boolean;
}

export const POD_CIDR = '10.244.0.0/16';
export const SERVICE_CIDR = '10.96.0.0/12';
/** The tenth address of the service range belongs to DNS (kubeadm constants.GetDNSIP). */
export const DNS_SERVICE_ADDRESS = '10.96.0.10';

/** The first address of the service range, which belongs to the `kubernetes` Service (pkg/controlplane ServiceIPRange). */
export function apiServiceAddress({ serviceRange }: ClusterPlan): string {
  const [network = ''] = serviceRange.split('/');
  const octets = network.split('.');
  return [...octets.slice(0, 3), Number(octets[3]) + 1].join('.');
}

export const CLUSTER_PLAN: ClusterPlan = {
  serviceRange: SERVICE_CIDR,
  endpoint: 'https://10.10.0.10:6443',
  nodes: [
    { name: 'controlplane', address: '10.10.0.10', podCIDR: '10.244.0.0/24', isControlPlane: true },
    { name: 'node01', address: '10.10.0.11', podCIDR: '10.244.1.0/24', isControlPlane: false },
  ],
};
