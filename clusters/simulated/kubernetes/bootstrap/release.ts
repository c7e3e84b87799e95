/** What this cluster says it is. One place, so that nothing drifts. */
export const RELEASE = {
  kubernetes: 'v1.36.2',
  etcd: '3.6.5-0',
  coredns: 'v1.13.1',
  pause: '3.10.1',
  containerd: 'containerd://2.1.5',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0-40-amd64',
} as const;
