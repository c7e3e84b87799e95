import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointSlice,
  Endpoints,
  EndpointSubset,
} from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { parseAddress, validateAddress, validateNonSpecialAddress } from '../addresses.ts';
import { addTexts, duplicate, invalid, notSupported, required, tooMany, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateProtocol } from '../pods/containers.ts';
import { validateDomainName } from '../qualified.ts';

/** ValidateEndpoints of pkg/apis/core/validation. */
export function validateEndpoints({ subsets = [] }: Endpoints, found: Findings): void {
  for (const [i, subset] of subsets.entries()) validateSubset(subset, `subsets[${i}]`, found);
}

/** ValidateEndpointsUpdate: subsets that stay as they were may have come before the rules. */
export function validateEndpointsUpdate(endpoints: Endpoints, old: Endpoints, found: Findings): void {
  if (!sameValue(endpoints.subsets, old.subsets)) validateEndpoints(endpoints, found);
}

function validateSubset(
  { addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset,
  at: string,
  found: Findings,
): void {
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    found.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const [list, entries] of Object.entries({ addresses, notReadyAddresses })) {
    for (const [j, { ip, hostname = '', nodeName }] of entries.entries()) {
      const field = `${at}.${list}[${j}]`;
      validateAddress(ip, `${field}.ip`, found);
      if (hostname !== '') addTexts(found, `${field}.hostname`, hostname, dns1123LabelErrors(hostname));
      if (nodeName !== undefined) addTexts(found, `${field}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName));
      validateNonSpecialAddress(ip, `${field}.ip`, found);
    }
  }
  for (const [j, { name = '', port, protocol, appProtocol }] of ports.entries()) {
    const field = `${at}.ports[${j}]`;
    if (name !== '') addTexts(found, `${field}.name`, name, dns1123LabelErrors(name));
    else if (ports.length > 1) found.push(required(`${field}.name`));
    validatePortNumber(port, `${field}.port`, found);
    validateProtocol(protocol, `${field}.protocol`, found);
    if (appProtocol !== undefined) {
      addTexts(found, `${field}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol));
    }
  }
}

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MOST_ENDPOINTS = 1000;
const MOST_ADDRESSES = 100;
const MOST_PORTS = 20_000;

/** ValidateEndpointSlice of pkg/apis/discovery/validation. */
export function validateEndpointSlice(slice: EndpointSlice, found: Findings): void {
  const { addressType } = slice as Partial<EndpointSlice>;
  const [endpoints, ports] = [slice.endpoints ?? [], slice.ports ?? []];
  if (!addressType) found.push(required('addressType'));
  else if (!ADDRESS_TYPES.includes(addressType)) found.push(notSupported('addressType', addressType, ADDRESS_TYPES));
  if (endpoints.length > MOST_ENDPOINTS) found.push(tooMany('endpoints', endpoints.length, MOST_ENDPOINTS));
  else {
    for (const [i, endpoint] of endpoints.entries())
      validateEndpoint(endpoint, addressType ?? '', `endpoints[${i}]`, found);
  }
  validateSlicePorts(ports, found);
}

function validateEndpoint(endpoint: Partial<Endpoint>, type: string, at: string, found: Findings): void {
  const { addresses = [], hostname } = endpoint;
  if (addresses.length === 0) found.push(required(`${at}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > MOST_ADDRESSES) {
    found.push(tooMany(`${at}.addresses`, addresses.length, MOST_ADDRESSES));
  }
  for (const [i, address] of addresses.entries()) {
    const field = `${at}.addresses[${i}]`;
    if (type === 'FQDN') validateDomainName(address, field, found);
    else if (type === 'IPv4' || type === 'IPv6') {
      if (!validateAddress(address, field, found)) continue;
      const kind = parseAddress(address)?.kind() === 'ipv4' ? 'IPv4' : 'IPv6';
      if (kind !== type) found.push(invalid(field, address, `must be an ${type} address`));
      validateNonSpecialAddress(address, field, found);
    }
  }
  if (hostname !== undefined) addTexts(found, `${at}.hostname`, hostname, dns1123LabelErrors(hostname));
}

function validateSlicePorts(ports: readonly DiscoveryV1EndpointPort[], found: Findings): void {
  if (ports.length > MOST_PORTS) return void found.push(tooMany('ports', ports.length, MOST_PORTS));
  const names = new Set<string>();
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    const at = `ports[${i}]`;
    if (name !== '') addTexts(found, `${at}.name`, name, dns1123LabelErrors(name));
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
    validateProtocol(protocol, `${at}.protocol`, found);
    if (appProtocol !== undefined) addTexts(found, `${at}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol));
  }
}

/** ValidateEndpointSliceUpdate */
export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice, found: Findings): void {
  validateEndpointSlice(slice, found);
  immutable(slice.addressType, old.addressType, 'addressType', found);
}
