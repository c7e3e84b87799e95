import type { Service } from '../../model/generated/objects.ts';
import { defaultProtocol, fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { allocateAddress, allocateNodePorts } from './service-allocation.ts';

const hasAddress = (type: string | undefined): boolean => type !== 'ExternalName';
const hasNodePorts = (type: string | undefined): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** pkg/apis/core/v1/defaults.go SetDefaults_Service and pkg/registry/core/service/strategy.go. */
export const SERVICE: Partial<Strategy> = {
  name: 'label1035',
  defaults(draft) {
    const { spec } = draft as Service;
    if (spec === undefined) return;
    fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
    if (spec.sessionAffinity === 'ClientIP') {
      spec.sessionAffinityConfig ??= {};
      spec.sessionAffinityConfig.clientIP ??= {};
      fill(spec.sessionAffinityConfig.clientIP, { timeoutSeconds: 10_800 });
    }
    for (const port of spec.ports ?? []) {
      defaultProtocol(port);
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    if (hasNodePorts(spec.type)) fill(spec, { externalTrafficPolicy: 'Cluster' });
    if (hasAddress(spec.type)) fill(spec, { internalTrafficPolicy: 'Cluster' });
    if (spec.type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
  },
  prepareForCreate(draft, { cluster }) {
    const service = draft as Service;
    service.status = { loadBalancer: {} };
    if (service.spec === undefined) return;
    if (hasAddress(service.spec.type)) allocateAddress(service, cluster);
    if (hasNodePorts(service.spec.type)) allocateNodePorts(service, cluster);
  },
  prepareForUpdate(draft, old, { cluster, subresource }) {
    if (subresource !== '') return;
    const service = draft as Service;
    const before = old as Service;
    if (service.spec === undefined) return;
    if (hasAddress(service.spec.type)) {
      if (hasAddress(before.spec?.type)) {
        fill(service.spec, {
          ...(before.spec?.clusterIP === undefined ? {} : { clusterIP: before.spec.clusterIP }),
          ...(before.spec?.clusterIPs === undefined ? {} : { clusterIPs: before.spec.clusterIPs }),
        });
      }
      allocateAddress(service, cluster);
    } else {
      delete service.spec.clusterIP;
      delete service.spec.clusterIPs;
      delete service.spec.ipFamilies;
      delete service.spec.ipFamilyPolicy;
    }
    if (hasNodePorts(service.spec.type)) {
      for (const port of service.spec.ports ?? []) {
        const kept = before.spec?.ports?.find(
          ({ name, protocol, port: number }) =>
            name === port.name && protocol === port.protocol && number === port.port,
        );
        if (kept?.nodePort !== undefined) fill(port, { nodePort: kept.nodePort });
      }
      allocateNodePorts(service, cluster);
    } else {
      // A Service that stops being reachable from outside gives its ports back (dropTypeDependentFields).
      delete service.spec.externalTrafficPolicy;
      for (const port of service.spec.ports ?? []) {
        const kept = before.spec?.ports?.some(({ nodePort }) => nodePort === port.nodePort);
        if (kept === true) delete port.nodePort;
      }
    }
  },
};
