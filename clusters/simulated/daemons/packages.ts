import { KUBELET_CONFIGURATION } from '../kubernetes/bootstrap/kubelet-configuration.ts';
import { groupFiles } from '../hosts/host-files.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import { vendorEntries } from './systemd/unit-files.ts';
import type { VendorUnit } from './systemd/unit.ts';
import {
  CONTAINERD_UNIT,
  DOCKER_SOCKET,
  DOCKER_UNIT,
  FALCO_UNIT,
  KUBELET_UNIT,
  SSH_UNIT,
  VSFTPD_UNIT,
} from './systemd/vendor-units.ts';
import { VSFTPD_CONFIG } from './vsftpd/vsftpd-config.ts';

/** A file that a package or kubeadm leaves on a host when nothing else has put one there. */
interface PackageFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** As in Debian's openssh-server 9.2, without its comments. */
const SSH_FILES: readonly PackageFile[] = [
  {
    path: '/etc/ssh/sshd_config',
    mode: 0o644,
    text: `Include /etc/ssh/sshd_config.d/*.conf

#Port 22
#PermitRootLogin prohibit-password
#PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem	sftp	/usr/lib/openssh/sftp-server
`,
  },
];

/** As `containerd config default` writes it, the part that a kubeadm node sets. */
const CONTAINERD_FILES: readonly PackageFile[] = [
  {
    path: '/etc/containerd/config.toml',
    mode: 0o644,
    text: `version = 3
root = '/var/lib/containerd'
state = '/run/containerd'

[grpc]
  address = '/run/containerd/containerd.sock'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'registry.k8s.io/pause:3.10.1'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true

# gVisor, for RuntimeClasses with this handler
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runsc]
  runtime_type = 'io.containerd.runsc.v1'
`,
  },
  {
    path: '/etc/crictl.yaml',
    mode: 0o644,
    text: 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n',
  },
];

/** What `kubeadm join` of 1.35 writes for the kubelet, as far as it matters here. */
const KUBELET_FILES: readonly PackageFile[] = [
  {
    path: '/var/lib/kubelet/config.yaml',
    mode: 0o644,
    text: KUBELET_CONFIGURATION,
  },
  { path: '/var/lib/kubelet/kubeadm-flags.env', mode: 0o644, text: 'KUBELET_KUBEADM_ARGS=""\n' },
];

/** What can be installed on a host. */
export type PackageName = 'ssh' | 'docker' | 'containerd' | 'kubelet' | 'vsftpd' | 'falco';

interface Package {
  readonly units: readonly VendorUnit[];
  /** That its installation makes, each as `name:number`. */
  readonly groups?: readonly string[];
  readonly files: readonly PackageFile[];
}

const PACKAGES: Readonly<Record<PackageName, Package>> = {
  ssh: { units: [SSH_UNIT], files: SSH_FILES },
  docker: { units: [DOCKER_UNIT, DOCKER_SOCKET], groups: ['docker:996'], files: [] },
  containerd: { units: [CONTAINERD_UNIT], files: CONTAINERD_FILES },
  kubelet: { units: [KUBELET_UNIT], files: KUBELET_FILES },
  vsftpd: { units: [VSFTPD_UNIT], files: [] },
  falco: { units: [FALCO_UNIT], files: [] },
};

/** The units that a package brings. */
export const unitsOf = (name: PackageName): readonly VendorUnit[] => PACKAGES[name].units;

/** Packages that a host has because a scenario lays down their configuration: a server somebody forgot. */
export function seededPackages(paths: readonly string[]): readonly PackageName[] {
  return paths.includes(VSFTPD_CONFIG) ? ['vsftpd'] : [];
}

/** What those packages leave on a host's disk, to be laid down before the host's own files. */
export function packageEntries(names: readonly PackageName[]): readonly TemplateEntry[] {
  const groups = names.flatMap((name) => PACKAGES[name].groups ?? []);
  const entries = names.flatMap((name) => {
    const { units, files } = PACKAGES[name];
    const own = files.map(({ path, text, mode }): TemplateEntry => ({ kind: 'file', path, mode, data: text }));
    return [...vendorEntries(units), ...own];
  });
  return groups.length === 0 ? entries : [...groupFiles(groups), ...entries];
}
