import type { HostName } from '../../protocol/host.ts';
import { cniEntries } from './components/node/cni-files.ts';
import { aptEntries } from './daemons/apt/installed-files.ts';
import { ETCD_DATA } from './daemons/etcd/data-folder.ts';
import { packageEntries, type PackageName } from './daemons/packages.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { MANIFESTS } from './kubernetes/bootstrap/static-pods.ts';
import type { TemplateEntry } from './hosts/template-entry.ts';
import { platformBinaries } from './tools/binaries/platform-binaries.ts';
import { SECCOMP_SAMPLES } from './tools/seccomp/profile-samples.ts';
import { toolsOn } from './tools/table.ts';

/** What is installed where. */
export const INSTALLED: Readonly<Record<HostName, readonly PackageName[]>> = {
  workstation: [],
  controlplane: ['ssh', 'containerd', 'kubelet', 'falco'],
  node01: ['ssh', 'docker', 'containerd', 'kubelet', 'falco'],
  bastion: ['ssh'],
  internet: [],
};

/** Static pods' folder, which kubeadm makes on every node that joins. */
const MANIFESTS_FOLDER: TemplateEntry = { kind: 'folder', path: MANIFESTS, mode: 0o755, data: '' };

const made = new Map<string, readonly TemplateEntry[]>();

/**
 * The files of what is installed on a host, and of packages that a scenario brings: the same in every lab, so they are worked out once a
 * process.
 */
export function installedEntries(host: HostName, seeded: readonly PackageName[] = []): readonly TemplateEntry[] {
  const key = [host, ...seeded].join(' ');
  const packages = [...INSTALLED[host], ...seeded];
  const entries = made.get(key) ?? [
    ...packageEntries(packages),
    ...(packages.length === 0 ? [] : aptEntries(packages)),
    ...(host === 'controlplane' ? ETCD_DATA : []),
    ...CLUSTER_PLAN.nodes.filter(({ name }) => name === host).flatMap(cniEntries),
    ...platformBinaries(host),
    ...(INSTALLED[host].includes('kubelet') ? [MANIFESTS_FOLDER, ...SECCOMP_SAMPLES] : []),
    ...toolsOn(host).flatMap(({ files = [] }) => files),
  ];
  made.set(key, entries);
  return entries;
}
