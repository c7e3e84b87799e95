import type { Pod } from '../model/generated/objects.ts';

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What a pod may set of the kernel without the node's leave (k8s.io/component-helpers sysctl, pkg/kubelet/sysctl/safe_sysctls.go). */
const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
];

/** Why a kubelet does not take a pod that is bound to its node; undefined when it does (pkg/kubelet/sysctl/allowlist.go Admit). */
export function rejectionOf({ spec }: Pod): Rejection | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    // Both ways of writing it are known to the kernel's tool (sysctl.d(5)).
    const dotted = name.includes('/') && !/^[^/]*\./.test(name) ? name.replaceAll('/', '.') : name;
    if (!SAFE_SYSCTLS.includes(dotted))
      return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${dotted}" not allowlisted` };
  }
  return undefined;
}
