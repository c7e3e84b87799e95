import type { APIService, APIServiceSpec } from '../../../model/generated/objects.ts';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNumberErrors,
} from '../../../model/names.ts';
import type { KubeObject } from '../../../object.ts';
import { addTexts, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const specOf = (object: KubeObject): Partial<APIServiceSpec> => (object as Partial<APIService>).spec ?? {};

/** An APIService is named after what it serves. */
export function apiServiceNameErrors(name: string, object: KubeObject): string[] {
  const texts = pathSegmentErrors(name);
  if (texts.length > 0) return texts;
  const { version = '', group = '' } = specOf(object);
  const expected = `${version}.${group}`;
  return name === expected ? [] : [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`];
}

/** ValidateAPIService of kube-aggregator/pkg/apis/apiregistration/validation. */
export function validateApiService(object: APIService, found: Findings): void {
  const spec = specOf(object);
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = spec;
  const { caBundle = '', insecureSkipTLSVerify = false } = spec;
  if (group === '' && version !== 'v1') {
    found.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  }
  if (group !== '') addTexts(found, 'spec.group', group, dns1123SubdomainErrors(group));
  addTexts(found, 'spec.version', version, dns1035LabelErrors(version));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000) {
    found.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'));
  }
  if (versionPriority <= 0 || versionPriority > 1000) {
    found.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  }
  if (!service) {
    const bytes = Buffer.from(caBundle, 'base64').length;
    if (bytes > 0) found.push(invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify) {
      const why = 'local APIServices may not have insecureSkipTLSVerify';
      found.push(invalid('spec.insecureSkipTLSVerify', true, why));
    }
    return;
  }
  if (!service.namespace) found.push(required('spec.service.namespace'));
  if (!service.name) found.push(required('spec.service.name'));
  const port = service.port ?? 0;
  const texts = portNumberErrors(port);
  if (texts.length > 0) found.push(invalid('spec.service.port', port, `port is not valid: ${texts.join(', ')}`));
  if (insecureSkipTLSVerify && caBundle !== '') {
    found.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
}

const STATUSES = ['True', 'False', 'Unknown'];

/** ValidateAPIServiceStatusUpdate */
export function validateApiServiceStatus({ status }: APIService, _old: APIService, found: Findings): void {
  for (const [i, condition] of (status?.conditions ?? []).entries()) {
    if (!STATUSES.includes(condition.status)) {
      found.push(notSupported(`status.conditions[${i}].status`, condition.status ?? '', STATUSES));
    }
  }
}
