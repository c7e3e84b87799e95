import type { Service, ServicePort, ServiceSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import {
  isDualStack,
  isIPv6,
  validateAddress,
  validateCidr,
  validateNonSpecialAddress,
  warnAboutAddress,
  warnAboutCidr,
} from '../addresses.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabels } from '../labels.ts';
import { validatePort, validatePortNumber } from '../numbers.ts';
import { validateProtocol } from '../pods/containers.ts';

const AFFINITIES = ['ClientIP', 'None'];
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const FAMILIES = ['IPv4', 'IPv6'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const KUBELET_PORT = 10_250;
const LONGEST_AFFINITY = 86_400;
const ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'";

/** Whether clients outside the cluster reach it (apihelpers.ExternallyAccessible). */
export const isExternallyAccessible = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

/** apihelpers.NeedsHealthCheck */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** ValidateServiceCreate of pkg/apis/core/validation. */
export function validateService({ spec }: Service, found: Findings): void {
  const { type = '', ports = [] } = spec;
  if (ports.length === 0 && spec.clusterIP !== 'None' && type !== 'ExternalName') found.push(required('spec.ports'));
  validateType(spec, found);
  const names = new Set<string>();
  for (const [i, port] of ports.entries())
    validateServicePort(port, ports.length > 1, names, `spec.ports[${i}]`, found);
  validateLabels(spec.selector, 'spec.selector', found);
  validateAffinity(spec, found);
  validateClusterAddresses(spec, found);
  for (const [i, address] of (spec.externalIPs ?? []).entries()) {
    const at = `spec.externalIPs[${i}]`;
    if (validateAddress(address, at, found)) validateNonSpecialAddress(address, at, found);
  }
  if (type === '') found.push(required('spec.type'));
  else if (!TYPES.includes(type)) found.push(notSupported('spec.type', type, TYPES));
  validateNodePorts(spec, found);
  validateBalancer(spec, found);
  validateTraffic(spec, found);
}

function validateType(spec: ServiceSpec, found: Findings): void {
  const { type, ports = [], clusterIP, externalName = '' } = spec;
  if (type === 'LoadBalancer') {
    for (const [i, { port }] of ports.entries()) {
      if (port !== KUBELET_PORT) continue;
      const text = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
      found.push(invalid(`spec.ports[${i}]`, port, text));
    }
  }
  if ((type === 'LoadBalancer' || type === 'NodePort') && clusterIP === 'None') {
    found.push(invalid('spec.clusterIPs[0]', clusterIP, `may not be set to 'None' for ${type} services`));
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
  if (seconds === undefined) found.push(required(at, 'when session affinity type is ClientIP'));
  else if (seconds <= 0 || seconds > LONGEST_AFFINITY) {
    const text = `must be greater than 0 and less than ${LONGEST_AFFINITY}`;
    found.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, text));
  }
}

/** ValidateServiceClusterIPsRelatedFields: it goes before an address is given, too. */
export function validateClusterAddresses(spec: ServiceSpec, found: Findings): void {
  if (spec.type === 'ExternalName') return;
  const { ipFamilyPolicy: policy, ipFamilies = [], clusterIP = '', clusterIPs = [] } = spec;
  if (policy !== undefined && !FAMILY_POLICIES.includes(policy)) {
    found.push(notSupported('spec.ipFamilyPolicy', policy, FAMILY_POLICIES));
  }
  if (clusterIP === '' && clusterIPs.length > 0) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'));
  } else if (clusterIP !== '' && clusterIPs.length === 0) found.push(required('spec.clusterIPs'));
  else if (clusterIP !== '' && clusterIPs[0] !== clusterIP) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  }
  for (const [i, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) found.push(notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES));
    else if (ipFamilies.indexOf(family) < i) found.push(duplicate(`spec.ipFamilies[${i}]`, family));
  }
  let wrong = false;
  for (const [i, address] of clusterIPs.entries()) {
    if (address !== 'None') wrong = !validateAddress(address, `spec.clusterIPs[${i}]`, found) || wrong;
    else if (clusterIPs.length > 1) {
      found.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"));
    }
  }
  if (clusterIPs.length > 2) found.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  if (wrong) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs)) {
    found.push(invalid('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  for (const [i, address] of clusterIPs.entries()) {
    const family = ipFamilies[i];
    if (address === 'None' || family === undefined) break;
    if (isIPv6(address) === (family === 'IPv6')) continue;
    const text = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    found.push(invalid(`spec.clusterIPs[${i}]`, address, text));
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

function validateBalancer(spec: ServiceSpec, found: Findings): void {
  const { type, loadBalancerSourceRanges: ranges = [], loadBalancerClass } = spec;
  const balancer = type === 'LoadBalancer';
  if (ranges.length > 0 && !balancer) found.push(forbidden('spec.LoadBalancerSourceRanges', ONLY_BALANCERS));
  else
    for (const [i, range] of ranges.entries()) validateCidr(range.trim(), `spec.LoadBalancerSourceRanges[${i}]`, found);
  if (balancer && spec.allocateLoadBalancerNodePorts === undefined) {
    found.push(required('spec.allocateLoadBalancerNodePorts'));
  } else if (!balancer && spec.allocateLoadBalancerNodePorts !== undefined) {
    found.push(forbidden('spec.allocateLoadBalancerNodePorts', ONLY_BALANCERS));
  }
  if (loadBalancerClass === undefined) return;
  if (!balancer) found.push(forbidden('spec.loadBalancerClass', ONLY_BALANCERS));
  else addTexts(found, 'spec.loadBalancerClass', loadBalancerClass, qualifiedNameErrors(loadBalancerClass));
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
  if (type !== 'ExternalName' && internalTrafficPolicy === undefined) {
    found.push(required('spec.internalTrafficPolicy'));
  } else if (internalTrafficPolicy !== undefined && !TRAFFIC_POLICIES.includes(internalTrafficPolicy)) {
    found.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, TRAFFIC_POLICIES));
  }
  const { trafficDistribution } = spec;
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    found.push(notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS));
  }
}

/** ValidateServiceUpdate: an address and a family, once given, stay for as long as the Service has any. */
export function validateServiceUpdate(service: Service, old: Service, found: Findings): void {
  const { spec } = service;
  if (spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    for (const field of ['clusterIPs', 'ipFamilies'] as const) {
      const [now = [], then = []] = [spec[field], old.spec[field]];
      if (then.length > 0 && now.length === 0) {
        found.push(invalid(`spec.${field}[0]`, now, 'primary value can not be unset'));
      } else if (then.length > 0 && now[0] !== then[0]) {
        found.push(invalid(`spec.${field}[0]`, now, 'may not change once set'));
      }
    }
  }
  const { type, loadBalancerClass } = spec;
  if (type === 'LoadBalancer' && old.spec.type === type && loadBalancerClass !== old.spec.loadBalancerClass) {
    found.push(invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set'));
  }
  if (
    needsHealthCheck(spec) &&
    needsHealthCheck(old.spec) &&
    spec.healthCheckNodePort !== old.spec.healthCheckNodePort
  ) {
    found.push(invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, 'field is immutable'));
  }
  validateService(service, found);
}

/** pkg/api/service/warnings.go */
export function serviceWarnings({ spec, metadata }: Service): string[] {
  const { clusterIPs = [], externalIPs = [], loadBalancerIP = '', loadBalancerSourceRanges = [] } = spec;
  const warnings: string[] = [];
  if (metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) {
    warnings.push(
      'metadata.annotations[service.kubernetes.io/topology-aware-hints]: please use service.kubernetes.io/topology-mode instead',
    );
  }
  if (spec.sessionAffinity === 'ClientIP' && spec.clusterIP === 'None') {
    warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  if (externalIPs.length > 0) {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (spec.type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (spec.type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: PreferClose is deprecated, use PreferSameZone instead');
  }
  for (const [i, address] of clusterIPs.entries()) {
    if (address !== 'None') warnings.push(...warnAboutAddress(address, `spec.clusterIPs[${i}]`));
  }
  for (const [i, address] of externalIPs.entries()) {
    warnings.push(...warnAboutAddress(address, `spec.externalIPs[${i}]`));
  }
  if (loadBalancerIP !== '') warnings.push(...warnAboutAddress(loadBalancerIP, 'spec.loadBalancerIP'));
  for (const [i, range] of loadBalancerSourceRanges.entries()) {
    warnings.push(...warnAboutCidr(range, `spec.loadBalancerSourceRanges[${i}]`));
  }
  return warnings;
}
