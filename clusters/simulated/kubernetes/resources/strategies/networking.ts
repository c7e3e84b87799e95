import type { Ingress, NetworkPolicy } from '../../model/generated/objects.ts';
import { defaultProtocol, fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';

/** pkg/apis/networking/v1/defaults.go: a policy is about ingress, and about egress when it has such rules. */
export const NETWORK_POLICY: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const { spec } = draft as NetworkPolicy;
    if (spec === undefined) return;
    spec.podSelector ??= {};
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
      for (const port of ports) defaultProtocol(port);
    if ((spec.policyTypes ?? []).length === 0) {
      spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
};

export const INGRESS: Partial<Strategy> = {
  generation: true,
  prepareForCreate: (draft) => void ((draft as Ingress).status = { loadBalancer: {} }),
};

export const INGRESS_CLASS: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const parameters = (draft['spec'] as { parameters?: { scope?: string } } | undefined)?.parameters;
    if (parameters !== undefined) fill(parameters, { scope: 'Cluster' });
  },
};

/** pkg/apis/discovery/v1/defaults.go. */
export const ENDPOINT_SLICE: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    for (const port of (draft['ports'] ?? []) as { name?: string; protocol?: string }[]) {
      fill(port, { name: '' });
      defaultProtocol(port);
    }
  },
};
