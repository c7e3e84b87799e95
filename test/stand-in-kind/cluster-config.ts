import { parse } from 'yaml';
import { z } from 'zod';

const Mount = z.strictObject({
  hostPath: z.string(),
  containerPath: z.string(),
  readOnly: z.boolean().optional(),
  selinuxRelabel: z.boolean().optional(),
  propagation: z.string().optional(),
});

const Node = z.strictObject({
  role: z.enum(['control-plane', 'worker']),
  image: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  extraMounts: z.array(Mount).optional(),
  extraPortMappings: z.array(z.unknown()).optional(),
  kubeadmConfigPatches: z.array(z.string()).optional(),
});

/** What kind takes as `--config`: it refuses fields that it does not know (kind, pkg/apis/config/v1alpha4/types.go). */
const ClusterConfig = z.strictObject({
  kind: z.literal('Cluster'),
  apiVersion: z.literal('kind.x-k8s.io/v1alpha4'),
  name: z.string().optional(),
  nodes: z.array(Node).default([{ role: 'control-plane' }]),
  networking: z
    .strictObject({
      ipFamily: z.enum(['ipv4', 'ipv6', 'dual']).optional(),
      apiServerPort: z.int().optional(),
      apiServerAddress: z.string().optional(),
      podSubnet: z.string().optional(),
      serviceSubnet: z.string().optional(),
      disableDefaultCNI: z.boolean().optional(),
      kubeProxyMode: z.enum(['iptables', 'ipvs', 'nftables', 'none']).optional(),
      dnsSearch: z.array(z.string()).optional(),
    })
    .optional(),
  featureGates: z.record(z.string(), z.boolean()).optional(),
  runtimeConfig: z.record(z.string(), z.string()).optional(),
  kubeadmConfigPatches: z.array(z.string()).default([]),
  containerdConfigPatches: z.array(z.string()).optional(),
});

export type ClusterConfig = z.infer<typeof ClusterConfig>;

/** Throws what kind says of a configuration that it cannot read, more or less. */
export function parseClusterConfig(text: string): ClusterConfig {
  const { success, data, error } = ClusterConfig.safeParse(
    parse(text) ?? { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' },
  );
  if (success) return data;
  throw new Error(
    `unable to decode config: ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
}

const ClusterConfiguration = z.looseObject({
  kind: z.literal('ClusterConfiguration'),
  apiServer: z.looseObject({ certSANs: z.array(z.string()).default([]) }).optional(),
});

/** By which names the API server is known besides kind's own, as patches of kubeadm's documents say. */
export const serverNamesOf = ({ kubeadmConfigPatches }: ClusterConfig): readonly string[] =>
  kubeadmConfigPatches
    .flatMap((patch) => ClusterConfiguration.safeParse(parse(patch)).data?.apiServer?.certSANs ?? [])
    .filter((name) => name !== 'localhost' && name !== '127.0.0.1');
