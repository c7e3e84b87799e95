import type { TemplateEntry } from '../hosts/template-entry.ts';
import { DNS_SERVICE_ADDRESS } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { PodSandboxes } from './sandbox.ts';

/** Files of the pod's node. */
export interface NodeFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

const MAX_FILE = 64 * 1024;

/** Those that a pod's own are made from. A node without a machine has empty ones. */
export async function nodeFilesOf({ spec }: Pod, sandboxes: PodSandboxes): Promise<NodeFiles> {
  if (spec.hostNetwork !== true && spec.dnsPolicy !== 'Default') return { hosts: '', resolvConf: '' };
  const read = async (path: string): Promise<string> =>
    String((await sandboxes.nodeFile(spec.nodeName ?? '', path, MAX_FILE)) ?? '');
  return { hosts: await read('/etc/hosts'), resolvConf: await read('/etc/resolv.conf') };
}

/** The files by which a container knows itself and others. */
export function networkFiles(pod: Pod, hostname: string, ofNode: NodeFiles): readonly TemplateEntry[] {
  const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });
  return [
    file('/etc/hostname', `${hostname}\n`),
    file('/etc/hosts', hostsFile(pod, hostname, ofNode.hosts)),
    file('/etc/resolv.conf', resolvConf(pod, ofNode.resolvConf)),
  ];
}

/** pkg/kubelet/kubelet_pods.go managedHostsFileContent, nodeHostsFileContent. */
function hostsFile(pod: Pod, hostname: string, ofNode: string): string {
  const subdomain = pod.spec.subdomain ?? '';
  const domain = `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.cluster.local`;
  const managed = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${pod.status.podIP ?? ''}\t${subdomain === '' ? '' : `${domain}\t`}${hostname}`,
  ];
  const lines =
    pod.spec.hostNetwork === true
      ? ['# Kubernetes-managed hosts file (host network).', ofNode.replace(/\n$/, '')]
      : managed;
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length > 0) {
    lines.push(
      '',
      '# Entries added by HostAliases.',
      ...aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** pkg/kubelet/network/dns/dns.go getPodDNSType, GetPodDNS: what shares its node's network has that node's names unless it says so. */
function resolvConf({ spec, metadata }: Pod, ofNode: string): string {
  const own = spec.dnsConfig ?? {};
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = spec;
  const fromCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const fromNode = !fromCluster && dnsPolicy !== 'None' ? ofNode : '';
  const searches = [
    ...(fromCluster ? [`${metadata.namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'] : []),
    ...(own.searches ?? []),
  ];
  const servers = [...(fromCluster ? [DNS_SERVICE_ADDRESS] : []), ...(own.nameservers ?? [])];
  const options = [
    ...(fromCluster ? ['ndots:5'] : []),
    ...(own.options ?? []).map(({ name, value }) => (value === undefined ? (name ?? '') : `${name}:${value}`)),
  ];
  return [
    fromNode,
    ...(searches.length === 0 ? [] : [`search ${searches.join(' ')}\n`]),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(options.length === 0 ? [] : [`options ${options.join(' ')}\n`]),
  ].join('');
}
