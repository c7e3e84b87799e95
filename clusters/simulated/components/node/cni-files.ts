import type { TemplateEntry } from '../../hosts/template-entry.ts';
import type { NodePlan } from '../../kubernetes/bootstrap/cluster-plan.ts';

/** The programs of Debian's package kubernetes-cni (containernetworking/plugins). */
const PLUGINS =
  'bandwidth bridge dhcp dummy firewall host-device host-local ipvlan loopback macvlan portmap ptp sbr static tap tuning vlan vrf';

/**
 * The pod network of a node as containerd finds it (containernetworking/cni, SPEC.md): a link a pod, addresses of the node's own range,
 * which are translated outside of the cluster, and are forwarded whatever the node's firewall forwards. The lab plugs pods in itself: an edit
 * of these files changes nothing.
 */
export function cniEntries({ podCIDR }: NodePlan): readonly TemplateEntry[] {
  const network = {
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'ptp',
        ipMasq: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCIDR }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'firewall' },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  const plugins = PLUGINS.split(' ').map((name): TemplateEntry => ({
    kind: 'file',
    path: `/opt/cni/bin/${name}`,
    mode: 0o755,
    data: `#!/bin/sh\necho 'not simulated: the CNI plugin ${name}; the lab plugs in the pods of this node itself' >&2\nexit 1\n`,
  }));
  const text = `${JSON.stringify(network, null, 2)}\n`;
  return [{ kind: 'file', path: '/etc/cni/net.d/10-lab.conflist', mode: 0o600, data: text }, ...plugins];
}
