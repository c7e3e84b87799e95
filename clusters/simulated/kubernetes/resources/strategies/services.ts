import type { Service, ServiceSpec } from '../../model/generated/objects.ts';
import { defaultProtocol, fill } from '../defaults/fill.ts';
import type { Strategy, StrategyContext } from '../resource.ts';
import type { Findings } from '../validation/field-errors.ts';
import { checkedBy, withSpec } from '../validation/hook.ts';
import { sameValue } from '../validation/immutable.ts';
import { validateClusterAddresses } from '../validation/network/cluster-addresses.ts';
import { validateServiceStatus, validateServiceUpdate } from '../validation/network/service-updates.ts';
import { serviceWarnings } from '../validation/network/service-warnings.ts';
import { isExternallyAccessible, needsHealthCheck, validateService } from '../validation/network/services.ts';
import { allocateAddress } from './service-addresses.ts';
import { allocateNodePorts, refuse, settleFamilies } from './service-allocation.ts';

const hasAddress = (type: string | undefined): boolean => type !== 'ExternalName';
const hasNodePorts = (type: string | undefined): boolean => type === 'NodePort' || type === 'LoadBalancer';

/** pkg/apis/core/v1/defaults.go SetDefaults_Service and pkg/registry/core/service/strategy.go. */
export const SERVICE: Partial<Strategy> = {
  name: 'label',
  defaults(draft) {
    const { spec } = draft as Partial<Service>;
    if (spec === undefined) return;
    fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP') {
      spec.sessionAffinityConfig ??= {};
      spec.sessionAffinityConfig.clientIP ??= {};
      fill(spec.sessionAffinityConfig.clientIP, { timeoutSeconds: 10_800 });
    }
    for (const port of spec.ports ?? []) {
      defaultProtocol(port);
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    if (isExternallyAccessible(spec)) fill(spec, { externalTrafficPolicy: 'Cluster' });
    if (hasAddress(spec.type)) fill(spec, { internalTrafficPolicy: 'Cluster' });
    if (spec.type !== 'LoadBalancer') return;
    fill(spec, { allocateLoadBalancerNodePorts: true });
    for (const ingress of (draft as Partial<Service>).status?.loadBalancer?.ingress ?? []) {
      if (ingress.ip) fill(ingress, { ipMode: 'VIP' });
    }
  },
  prepareForCreate(draft, { cluster }) {
    const service = draft as Service;
    service.status = { loadBalancer: {} };
    const { spec } = service as Partial<Service>;
    if (spec === undefined) return;
    if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
    allocate(service, new Set(), cluster);
  },
  prepareForUpdate(draft, old, { cluster, subresource }) {
    if (subresource !== '') return;
    const service = draft as Service;
    const { spec: before } = old as Service;
    const { spec } = service as Partial<Service>;
    if (spec === undefined) return;
    normalizeAddresses(spec, before);
    keepAllocated(spec, before);
    dropUnused(spec, before);
    const held = new Set((before.ports ?? []).map(({ nodePort = 0 }) => nodePort));
    held.add(before.healthCheckNodePort ?? 0);
    if (!hasAddress(before.type)) allocate(service, held, cluster);
    else if (hasNodePorts(spec.type)) allocateNodePorts(service, held, cluster);
  },
  ...checkedBy<Service>({
    create: validateService,
    update: validateServiceUpdate,
    parts: { status: validateServiceStatus },
  }),
  warnings: (service) => serviceWarnings(withSpec(service) as Service),
};

/** Addresses are looked at before any is given, and alone: what is wrong with the rest is said only when they are right. */
function allocate(service: Service, held: ReadonlySet<number>, cluster: StrategyContext['cluster']): void {
  const { spec } = service;
  if (hasAddress(spec.type)) {
    const found: Findings = [];
    validateClusterAddresses(spec, found);
    if (found.length > 0) throw refuse(service, ...found);
    settleFamilies(service);
    allocateAddress(service, cluster);
  }
  if (hasNodePorts(spec.type)) allocateNodePorts(service, held, cluster);
}

/** normalizeClusterIPs: whoever changes only `clusterIP` means the first of `clusterIPs`. */
function normalizeAddresses(spec: ServiceSpec, before: ServiceSpec): void {
  const [now, then] = [spec.clusterIP ?? '', before.clusterIP ?? ''];
  if (now === then || !sameValue(spec.clusterIPs, before.clusterIPs)) return;
  if (now === '') delete spec.clusterIPs;
  else spec.clusterIPs = [now, ...(spec.clusterIPs ?? []).slice(1)];
}

/** patchAllocatedValues: a client that does not know what was given to the Service does not take it away. */
function keepAllocated(spec: ServiceSpec, before: ServiceSpec): void {
  if (hasAddress(spec.type) && hasAddress(before.type)) {
    if (!spec.clusterIP && (spec.clusterIPs ?? []).length === 0) {
      if (before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
      if (before.clusterIPs !== undefined) spec.clusterIPs = [...before.clusterIPs];
    }
    if (spec.ipFamilies === undefined && before.ipFamilies) spec.ipFamilies = [...before.ipFamilies];
    if (before.ipFamilyPolicy !== undefined) fill(spec, { ipFamilyPolicy: before.ipFamilyPolicy });
  }
  if (hasNodePorts(spec.type) && hasNodePorts(before.type)) {
    for (const port of spec.ports ?? []) {
      const kept = before.ports?.find((one) => one.protocol === port.protocol && one.port === port.port)?.nodePort;
      if (kept !== undefined && !port.nodePort) port.nodePort = kept;
    }
  }
  if (needsHealthCheck(spec) && needsHealthCheck(before) && before.healthCheckNodePort !== undefined) {
    fill(spec, { healthCheckNodePort: before.healthCheckNodePort });
  }
}

/** dropTypeDependentFields: a Service that changes its type loses what only the old one had, unless the client changes that, too. */
function dropUnused(spec: ServiceSpec, before: ServiceSpec): void {
  if (!hasAddress(spec.type) && hasAddress(before.type)) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
      if (sameValue(spec[field], before[field])) delete spec[field];
    }
    if (spec.internalTrafficPolicy === before.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (!hasNodePorts(spec.type) && hasNodePorts(before.type)) {
    const had = new Set((before.ports ?? []).map(({ nodePort }) => nodePort));
    if ((spec.ports ?? []).every(({ nodePort }) => had.has(nodePort))) {
      for (const port of spec.ports ?? []) delete port.nodePort;
    }
  }
  if (!needsHealthCheck(spec) && needsHealthCheck(before) && spec.healthCheckNodePort === before.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (spec.type !== 'LoadBalancer' && before.type === 'LoadBalancer') {
    for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const) {
      if (spec[field] === before[field]) delete spec[field];
    }
  }
  if (!isExternallyAccessible(spec) && isExternallyAccessible(before)) {
    if (spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
}
