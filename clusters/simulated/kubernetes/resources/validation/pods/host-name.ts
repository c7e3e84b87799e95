import type { PodSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, forbidden, tooLong, type Findings } from '../field-errors.ts';

/** Bytes of Linux's nodename (HOST_NAME_MAX). */
const LONGEST = 64;

/** validatePodHostName of pkg/apis/core/validation. */
export function validateHostNameOverride(spec: PodSpec, path: string, found: Findings): void {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return;
  const field = `${path}.hostnameOverride`;
  if (spec.setHostnameAsFQDN === true) {
    found.push(forbidden(field, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork === true) found.push(forbidden(field, 'may not be specified when hostNetwork is true'));
  if (Buffer.byteLength(name) > LONGEST) found.push(tooLong(field, LONGEST));
  addTexts(found, field, name, dns1123SubdomainErrors(name));
}
