import type { Service, ServiceSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { parseAddress, validateAddress } from '../addresses.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { isHeadless } from './cluster-addresses.ts';
import { needsHealthCheck, validateBalancerClass, validateService } from './services.ts';

const STAYS = 'may not change once set';

/** ValidateServiceUpdate: an address and a family, once given, stay for as long as the Service has any. */
export function validateServiceUpdate(service: Service, old: Service, found: Findings): void {
  const { spec } = service;
  if (spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    validateAddressesStay(spec, old.spec, found);
    validateFamiliesStay(spec, old.spec, found);
  }
  validateBalancerClass(spec, found, old.spec);
  const port = spec.healthCheckNodePort;
  if (needsHealthCheck(spec) && needsHealthCheck(old.spec) && port !== old.spec.healthCheckNodePort) {
    found.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  validateService(service, found, old);
}

/** validateUpgradeDowngradeClusterIPs: a second address may come and go, the first may not. */
function validateAddressesStay(spec: ServiceSpec, old: ServiceSpec, found: Findings): void {
  if (isHeadless(spec) && isHeadless(old)) return;
  const [now, then] = [spec.clusterIPs ?? [], old.clusterIPs ?? []];
  if (now.length === then.length) {
    for (const [i, address] of then.entries()) {
      if (address !== now[i]) found.push(invalid(`spec.clusterIPs[${i}]`, now, STAYS));
    }
    return;
  }
  if (now.length === 0) {
    found.push(invalid('spec.clusterIPs[0]', spec.clusterIPs, 'primary clusterIP can not be unset'));
  } else if (then.length > 0 && now[0] !== then[0]) found.push(invalid('spec.clusterIPs[0]', now, STAYS));
  if (now.length < then.length) validateRelease(now, spec, 'clusterIP', found);
}

/** validateUpgradeDowngradeIPFamilies; upstream shows the addresses where the families differ in number. */
function validateFamiliesStay(spec: ServiceSpec, old: ServiceSpec, found: Findings): void {
  if (isHeadless(spec) || isHeadless(old)) return;
  const [now, then] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  const field = 'spec.ipFamilies[0]';
  if (now.length === then.length) {
    for (const [i, family] of then.entries()) if (family !== now[i]) found.push(invalid(field, now, STAYS));
    return;
  }
  if (now.length < then.length && (spec.clusterIPs ?? []).length === 0) {
    found.push(invalid(field, spec.ipFamilies, 'primary ipFamily can not be unset'));
  }
  if (then.length > 0 && now.length > 0 && now[0] !== then[0]) found.push(invalid(field, spec.clusterIPs, STAYS));
  if (now.length < then.length) validateRelease(now, spec, 'ipFamily', found);
}

/** Whoever gives the second one up says so in the policy. */
function validateRelease(
  left: readonly string[],
  { ipFamilyPolicy: policy }: ServiceSpec,
  what: string,
  found: Findings,
): void {
  if (left.length !== 1 || policy === 'SingleStack') return;
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  found.push(invalid('spec.ipFamilyPolicy', policy, why));
}

const MODES = ['Proxy', 'VIP'];

/** ValidateServiceStatusUpdate, which is ValidateLoadBalancerStatus. */
export function validateServiceStatus({ spec, status }: Service, old: Service, found: Findings): void {
  const ingresses = status?.loadBalancer?.ingress ?? [];
  const at = 'status.loadBalancer.ingress';
  if (spec.type !== 'LoadBalancer') {
    if (ingresses.length > 0) found.push(forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  const kept = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  for (const [i, { ip = '', ipMode, hostname = '' }] of ingresses.entries()) {
    const field = `${at}[${i}]`;
    if (ip !== '') validateAddress(ip, `${field}.ip`, found, kept);
    if (ipMode === undefined) {
      if (ip !== '') found.push(required(`${field}.ipMode`, 'must be specified when `ip` is set'));
    } else if (ip === '') found.push(forbidden(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (!MODES.includes(ipMode)) found.push(notSupported(`${field}.ipMode`, ipMode, MODES));
    if (hostname === '') continue;
    addTexts(found, `${field}.hostname`, hostname, dns1123SubdomainErrors(hostname));
    if (parseAddress(hostname)) {
      found.push(invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    }
  }
}
