import type { Service, ServicePort, ServiceSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { validateAddress, validateCidr, validateNonSpecialAddress } from '../addresses.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabels } from '../labels.ts';
import { validatePort, validatePortNumber } from '../numbers.ts';
import { validateProtocol } from '../pods/containers.ts';
import { isHeadless, validateClusterAddresses } from './cluster-addresses.ts';

const AFFINITIES = ['ClientIP', 'None'];
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const HAVE_ADDRESSES = new Set(['ClusterIP', 'NodePort', 'LoadBalancer']);
const LONGEST_AFFINITY = 86_400;
const ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'";
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
export const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

/** Whether clients outside the cluster reach it (pkg/api/service ExternallyAccessible). */
export const isExternallyAccessible = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

/** pkg/api/service NeedsHealthCheck */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** validateService of pkg/apis/core/validation; `old` of an update, whose addresses are taken as they are. */
export function validateService(service: Service, found: Findings, old?: Service): void {
  const { metadata, spec } = service;
  const { type = '', ports = [] } = spec;
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = metadata.annotations ?? {};
  if (hints !== undefined && mode !== undefined && hints !== mode) {
    const why = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
    found.push(invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, why));
  }
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') found.push(required('spec.ports'));
  validateType(spec, found);
  const names = new Set<string>();
  for (const [i, port] of ports.entries())
    validateServicePort(port, ports.length > 1, names, `spec.ports[${i}]`, found);
  validateLabels(spec.selector, 'spec.selector', found);
  validateAffinity(spec, found);
  validateClusterAddresses(spec, found, old?.spec);
  for (const [i, address] of (spec.externalIPs ?? []).entries()) {
    const at = `spec.externalIPs[${i}]`;
    if (validateAddress(address, at, found, old?.spec.externalIPs)) validateNonSpecialAddress(address, at, found);
  }
  if (type === '') found.push(required('spec.type'));
  else if (!TYPES.includes(type)) found.push(notSupported('spec.type', type, TYPES));
  validateNodePorts(spec, found);
  validateSourceRanges(service, found, old);
  const { allocateLoadBalancerNodePorts: allocates } = spec;
  if (allocates !== undefined && type !== 'LoadBalancer') {
    found.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_BALANCERS));
  }
  if (allocates === undefined && type === 'LoadBalancer') found.push(required('allocateLoadBalancerNodePorts'));
  validateBalancerClass(spec, found);
  validateTraffic(spec, found);
}

function validateType(spec: ServiceSpec, found: Findings): void {
  const { type, externalName = '' } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    found.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type !== 'ExternalName') return;
  for (const field of ['clusterIPs', 'ipFamilies'] as const) {
    if ((spec[field] ?? []).length > 0)
      found.push(forbidden(`spec.${field}`, 'may not be set for ExternalName services'));
  }
  if (spec.ipFamilyPolicy !== undefined) {
    found.push(forbidden('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
  }
  const name = externalName.replace(/\.$/, '');
  if (name === '') found.push(required('spec.externalName'));
  else addTexts(found, 'spec.externalName', name, dns1123SubdomainErrors(name));
}

function validateServicePort(
  port: ServicePort,
  needsName: boolean,
  names: Set<string>,
  at: string,
  found: Findings,
): void {
  const { name = '', appProtocol } = port;
  if (name === '') {
    if (needsName) found.push(required(`${at}.name`));
  } else {
    addTexts(found, `${at}.name`, name, dns1123LabelErrors(name));
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
  validatePortNumber(port.port, `${at}.port`, found);
  validateProtocol(port.protocol, `${at}.protocol`, found);
  validatePort(port.targetPort, `${at}.targetPort`, found);
  if (appProtocol !== undefined) addTexts(found, `${at}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol));
}

function validateAffinity({ sessionAffinity = '', sessionAffinityConfig: config }: ServiceSpec, found: Findings): void {
  if (sessionAffinity === '') found.push(required('spec.sessionAffinity'));
  else if (!AFFINITIES.includes(sessionAffinity)) {
    found.push(notSupported('spec.sessionAffinity', sessionAffinity, AFFINITIES));
  }
  const at = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && config) {
    found.push(forbidden(at, 'must not be set when session affinity is None'));
  }
  if (sessionAffinity !== 'ClientIP') return;
  const seconds = config?.clientIP?.timeoutSeconds;
  const why = 'when session affinity type is ClientIP';
  if (!config) found.push(required(at, why));
  else if (!config.clientIP) found.push(required(`${at}.clientIP`, why));
  else if (seconds === undefined) found.push(required(`${at}.clientIP.timeoutSeconds`, why));
  else if (seconds <= 0 || seconds > LONGEST_AFFINITY) {
    const text = `must be greater than 0 and less than ${LONGEST_AFFINITY}`;
    found.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, text));
  }
}

/** A port of the cluster's nodes, or of the Service itself, is only given once; TCP and UDP have their own. */
function validateNodePorts({ type, ports = [] }: ServiceSpec, found: Findings): void {
  if (type === 'ClusterIP') {
    for (const [i, { nodePort = 0 }] of ports.entries()) {
      if (nodePort === 0) continue;
      found.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const taken = new Set<string>();
  for (const [i, { protocol, nodePort = 0 }] of ports.entries()) {
    if (nodePort === 0) continue;
    const key = `${protocol}/${nodePort}`;
    if (taken.has(key)) found.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
    taken.add(key);
  }
  const seen = new Set<string>();
  for (const [i, { protocol, port }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) {
      const shown = { Name: '', Protocol: protocol ?? '', AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      found.push(duplicate(`spec.ports[${i}]`, shown));
    }
    seen.add(key);
  }
}

/** Networks whose clients a balancer lets in; an annotation was their place before the field. Blanks around them are taken. */
function validateSourceRanges({ metadata, spec }: Service, found: Findings, old?: Service): void {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  const balancer = spec.type === 'LoadBalancer';
  if (ranges.length > 0) {
    const at = 'spec.LoadBalancerSourceRanges';
    if (!balancer) found.push(forbidden(at, ONLY_BALANCERS));
    const kept = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    for (const [i, range] of ranges.entries()) validateCidr(range.trim(), `${at}[${i}]`, found, kept);
  } else if (annotation !== undefined) {
    const at = `metadata.annotations[${SOURCE_RANGES}]`;
    if (!balancer) found.push(forbidden(at, ONLY_BALANCERS));
    if (old?.metadata.annotations?.[SOURCE_RANGES] === annotation || annotation.trim() === '') return;
    for (const range of annotation.trim().split(',')) validateCidr(range.trim(), at, found);
  }
}

/** validateLoadBalancerClassField: `old` of an update. */
export function validateBalancerClass(
  { type, loadBalancerClass: name }: ServiceSpec,
  found: Findings,
  old?: ServiceSpec,
): void {
  const field = 'spec.loadBalancerClass';
  if (old?.type === 'LoadBalancer' && type === 'LoadBalancer' && name !== old.loadBalancerClass) {
    found.push(invalid(field, name, 'may not change once set'));
  }
  if (name === undefined) return;
  if (type !== 'LoadBalancer') found.push(forbidden(field, ONLY_BALANCERS));
  else addTexts(found, field, name, qualifiedNameErrors(name));
}

function validateTraffic(spec: ServiceSpec, found: Findings): void {
  const { type, externalTrafficPolicy: policy = '', internalTrafficPolicy, healthCheckNodePort = 0 } = spec;
  if (isExternallyAccessible(spec)) {
    if (policy === '') found.push(required('spec.externalTrafficPolicy'));
    else if (!TRAFFIC_POLICIES.includes(policy)) {
      found.push(notSupported('spec.externalTrafficPolicy', policy, TRAFFIC_POLICIES));
    }
  } else if (policy !== '') {
    found.push(invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'));
  }
  if (needsHealthCheck(spec)) {
    if (healthCheckNodePort === 0) found.push(required('spec.healthCheckNodePort'));
    else validatePortNumber(healthCheckNodePort, 'spec.healthCheckNodePort', found);
  } else if (healthCheckNodePort !== 0) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    found.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, text));
  }
  if (internalTrafficPolicy === undefined && HAVE_ADDRESSES.has(type ?? '')) {
    found.push(required('spec.internalTrafficPolicy'));
  } else if (internalTrafficPolicy !== undefined && !TRAFFIC_POLICIES.includes(internalTrafficPolicy)) {
    found.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, TRAFFIC_POLICIES));
  }
  const { trafficDistribution } = spec;
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    found.push(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  }
}
