import type { SimulatedHost } from '../hosts/simulated-host.ts';

/** A file that a package or kubeadm leaves on a host when nothing else has put one there. */
export interface PackageFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** As in Debian's openssh-server 9.2, without its comments. */
export const SSH_FILES: readonly PackageFile[] = [
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

/** What `kubeadm join` of 1.35 writes for the kubelet, as far as it matters here. */
export const KUBELET_FILES: readonly PackageFile[] = [
  {
    path: '/var/lib/kubelet/config.yaml',
    mode: 0o644,
    text: `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
cgroupDriver: systemd
clusterDNS:
- 10.96.0.10
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
kind: KubeletConfiguration
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
`,
  },
  { path: '/var/lib/kubelet/kubeadm-flags.env', mode: 0o644, text: 'KUBELET_KUBEADM_ARGS=""\n' },
];

/** Writes those that the host does not have; a scenario's own files stay. */
export async function installFiles(host: SimulatedHost, files: readonly PackageFile[]): Promise<void> {
  for (const { path, text, mode } of files) {
    const there = await host.readFile(path, { maxBytes: 1 });
    if (there.outcome === 'absent') await host.writeFile(path, Buffer.from(text), { mode });
  }
}
