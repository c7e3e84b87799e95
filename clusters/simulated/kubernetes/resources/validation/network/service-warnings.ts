import type { Service } from '../../../model/generated/objects.ts';
import { warnAboutAddress, warnAboutCidr } from '../addresses.ts';
import { TOPOLOGY_HINTS } from './services.ts';

/** GetWarningsForService of pkg/api/service/warnings.go. */
export function serviceWarnings({ spec, metadata }: Service): string[] {
  const { type, clusterIPs = [], externalIPs = [], loadBalancerIP = '', loadBalancerSourceRanges = [] } = spec;
  const warnings: string[] = [];
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined) {
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  }
  if (spec.clusterIP && spec.clusterIP !== 'None') {
    for (const [i, address] of clusterIPs.entries())
      warnings.push(...warnAboutAddress(address, `spec.clusterIPs[${i}]`));
  }
  const headless = type === 'ClusterIP' && spec.clusterIP === 'None';
  if (headless) {
    if (loadBalancerIP !== '') warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  for (const [i, address] of externalIPs.entries()) {
    warnings.push(...warnAboutAddress(address, `spec.externalIPs[${i}]`));
  }
  if (externalIPs.length > 0 && !headless && type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (loadBalancerIP !== '') warnings.push(...warnAboutAddress(loadBalancerIP, 'spec.loadBalancerIP'));
  for (const [i, range] of loadBalancerSourceRanges.entries()) {
    warnings.push(...warnAboutCidr(range, `spec.loadBalancerSourceRanges[${i}]`));
  }
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
