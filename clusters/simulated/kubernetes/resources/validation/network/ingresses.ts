import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass } from '../../../model/generated/objects.ts';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNameErrors,
  wildcardSubdomainErrors,
} from '../../../model/names.ts';
import { parseAddress, validateAddress } from '../addresses.ts';
import { addTexts, forbidden, invalid, notSupported, required, tooLong, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateDomainPath } from '../qualified.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const NOT_IN_PATHS = ['//', '/./', '/../', '%2f', '%2F'];
const NOT_AT_END = ['/..', '/.'];

/** ValidateIngressCreate of pkg/apis/networking/validation. */
export function validateIngress(ingress: Ingress, found: Findings): void {
  validateIngressSpec(ingress, found);
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const name = ingress.spec?.ingressClassName;
  if (annotation !== undefined && name !== undefined && annotation !== name) {
    const why = 'must match `ingressClassName` when both are specified';
    found.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, why));
  }
}

/** ValidateIngressUpdate */
export const validateIngressUpdate = (ingress: Ingress, _old: Ingress, found: Findings): void =>
  validateIngressSpec(ingress, found);

function validateIngressSpec({ spec }: Ingress, found: Findings): void {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec ?? {};
  if (rules.length === 0 && !defaultBackend) {
    found.push(invalid('spec', spec?.rules, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) validateBackend(defaultBackend, 'spec.defaultBackend', found);
  for (const [i, { host = '', http }] of rules.entries()) {
    const at = `spec.rules[${i}]`;
    const paths = http?.paths ?? [];
    validateHost(host, `${at}.host`, found);
    if (http && paths.length === 0) found.push(required(`${at}.http.paths`));
    for (const [j, path] of paths.entries()) {
      validatePath(path, `${at}.http.paths[${j}]`, found);
    }
  }
  for (const [i, { hosts = [], secretName = '' }] of tls.entries()) {
    for (const [j, host] of hosts.entries()) {
      addTexts(found, `spec.tls[${i}].hosts[${j}]`, host, hostErrors(host));
    }
    if (secretName !== '') addTexts(found, `spec.tls[${i}].secretName`, secretName, dns1123SubdomainErrors(secretName));
  }
  if (ingressClassName !== undefined) {
    addTexts(found, 'spec.ingressClassName', ingressClassName, dns1123SubdomainErrors(ingressClassName));
  }
}

const hostErrors = (host: string): string[] =>
  host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host);

function validateHost(host: string, field: string, found: Findings): void {
  if (host === '') return;
  if (parseAddress(host)) found.push(invalid(field, host, 'must be a DNS name, not an IP address'));
  addTexts(found, field, host, hostErrors(host));
}

function validatePath(entry: Partial<HTTPIngressPath>, at: string, found: Findings): void {
  const { path = '', pathType, backend = {} } = entry;
  if (pathType === undefined) return void found.push(required(`${at}.pathType`, 'pathType must be specified'));
  const say = (why: string): void => void found.push(invalid(`${at}.path`, path, why));
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) say('must be an absolute path');
    for (const part of NOT_IN_PATHS) if (path.includes(part)) say(`must not contain '${part}'`);
    for (const end of NOT_AT_END) if (path.endsWith(end)) say(`cannot end with '${end}'`);
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) say('must be an absolute path');
  } else found.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES));
  validateBackend(backend, `${at}.backend`, found);
}

function validateBackend({ service, resource }: IngressBackend, at: string, found: Findings): void {
  if (service && resource) found.push(invalid(at, '', 'cannot set both resource and service backends'));
  else if (resource) {
    const { apiGroup, kind, name } = resource;
    if (apiGroup !== undefined) addTexts(found, `${at}.resource.apiGroup`, apiGroup, dns1123SubdomainErrors(apiGroup));
    validateReference(kind, `${at}.resource`, 'kind', found);
    validateReference(name, `${at}.resource`, 'name', found);
  } else if (service) {
    const { name, port: { name: portName = '', number = 0 } = {} } = service;
    if (!name) found.push(required(`${at}.service.name`));
    else addTexts(found, `${at}.service.name`, name, dns1035LabelErrors(name));
    if (portName !== '' && number !== 0) found.push(invalid(at, '', 'cannot set both port name & port number'));
    else if (portName !== '') addTexts(found, `${at}.service.port.name`, portName, portNameErrors(portName));
    else if (number !== 0) validatePortNumber(number, `${at}.service.port.number`, found);
    else found.push(required(at, 'port name or number is required'));
  } else found.push(invalid(at, '', 'resource or service backend is required'));
}

/** A kind or a name of a reference; `what` is the field's own name. */
function validateReference(name: string | undefined, at: string, what: 'kind' | 'name', found: Findings): void {
  const field = `${at}.${what}`;
  if (!name) found.push(required(field, `${what} is required`));
  else addTexts(found, field, name, pathSegmentErrors(name));
}

/** ValidateIngressStatusUpdate */
export function validateIngressStatus({ status }: Ingress, _old: Ingress, found: Findings): void {
  for (const [i, { ip = '', hostname = '' }] of (status?.loadBalancer?.ingress ?? []).entries()) {
    const at = `status.loadBalancer.ingress[${i}]`;
    if (ip !== '') validateAddress(ip, `${at}.ip`, found);
    if (hostname === '') continue;
    addTexts(found, `${at}.hostname`, hostname, dns1123SubdomainErrors(hostname));
    if (parseAddress(hostname)) {
      found.push(invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    }
  }
}

/** pkg/registry/networking/ingress/strategy.go WarningsOnCreate. */
export const ingressWarnings = ({ metadata, spec }: Ingress, old: Ingress | undefined): string[] =>
  old === undefined && metadata.annotations?.[CLASS_ANNOTATION] !== undefined && spec?.ingressClassName === undefined
    ? [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]
    : [];

const LONGEST_CONTROLLER = 250;

/** ValidateIngressClass */
export function validateIngressClass({ spec }: IngressClass, found: Findings): void {
  const { controller = '', parameters } = spec ?? {};
  if (controller.length > LONGEST_CONTROLLER) found.push(tooLong('spec.controller', LONGEST_CONTROLLER));
  validateDomainPath(controller, 'spec.controller', found);
  if (!parameters) return;
  const at = 'spec.parameters';
  const { apiGroup, kind, name, scope, namespace } = parameters;
  if (apiGroup !== undefined) addTexts(found, `${at}.apiGroup`, apiGroup, dns1123SubdomainErrors(apiGroup));
  validateReference(kind, at, 'kind', found);
  validateReference(name, at, 'name', found);
  if (scope === undefined) found.push(required(`${at}.scope`));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) {
      found.push(forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
    }
  } else if (scope !== 'Namespace') found.push(notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace']));
  else if (namespace === undefined) {
    found.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  } else addTexts(found, `${at}.namespace`, namespace, dns1123LabelErrors(namespace));
}

/** ValidateIngressClassUpdate */
export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass, found: Findings): void {
  immutable(ingressClass.spec?.controller, old.spec?.controller, 'spec.controller', found);
  validateIngressClass(ingressClass, found);
}
