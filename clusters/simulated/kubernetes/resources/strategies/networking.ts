import type {
  EndpointSlice,
  Ingress,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  ServiceCIDR,
} from '../../model/generated/objects.ts';
import { defaultProtocol, fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { addressErrors } from '../validation/addresses.ts';
import { checkedBy } from '../validation/hook.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from '../validation/network/endpoints.ts';
import {
  ingressWarnings,
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressStatus,
  validateIngressUpdate,
} from '../validation/network/ingresses.ts';
import {
  validateIPAddress,
  validateIPAddressUpdate,
  validateServiceCidr,
  validateServiceCidrUpdate,
} from '../validation/network/address-ranges.ts';
import { networkPolicyWarnings, validateNetworkPolicy } from '../validation/network/policies.ts';

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
  ...checkedBy<NetworkPolicy>({ create: validateNetworkPolicy }),
  warnings: (policy) => networkPolicyWarnings(policy as NetworkPolicy),
};

export const INGRESS: Partial<Strategy> = {
  generation: true,
  prepareForCreate: (draft) => void ((draft as Ingress).status = { loadBalancer: {} }),
  ...checkedBy<Ingress>({
    create: validateIngress,
    update: validateIngressUpdate,
    parts: { status: validateIngressStatus },
  }),
  warnings: (ingress, old) => ingressWarnings(ingress as Ingress, old as Ingress | undefined),
};

export const INGRESS_CLASS: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const parameters = (draft['spec'] as { parameters?: { scope?: string } } | undefined)?.parameters;
    if (parameters !== undefined) fill(parameters, { scope: 'Cluster' });
  },
  ...checkedBy<IngressClass>({ create: validateIngressClass, update: validateIngressClassUpdate }),
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
  ...checkedBy<EndpointSlice>({ create: validateEndpointSlice, update: validateEndpointSliceUpdate }),
};

/** pkg/registry/networking/ipaddress/strategy.go: named by the address it stands for. */
export const IP_ADDRESS: Partial<Strategy> = {
  name: addressErrors,
  ...checkedBy<IPAddress>({ create: validateIPAddress, update: validateIPAddressUpdate }),
};

/** pkg/registry/networking/servicecidr/strategy.go. */
export const SERVICE_CIDR: Partial<Strategy> = checkedBy<ServiceCIDR>({
  create: validateServiceCidr,
  update: validateServiceCidrUpdate,
});
