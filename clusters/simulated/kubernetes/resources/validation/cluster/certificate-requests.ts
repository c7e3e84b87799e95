import type { CertificateSigningRequest, CertificateSigningRequestSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { readCertificateRequest } from '../../../pki/certificate-request.ts';
import { duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const SHORTEST = 600;
const SIGNER_FORM = "must be a fully qualified domain and path of the form 'example.com/signer-name'";

/** What only the first version of the API took, or an object stored by it. */
export interface Lenient {
  readonly unknownUsages: boolean;
  readonly duplicateUsages: boolean;
  readonly legacySigner: boolean;
}

export const STRICT: Lenient = { unknownUsages: false, duplicateUsages: false, legacySigner: false };
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

const repeated = (usages: readonly string[]): boolean => new Set(usages).size < usages.length;

/** getValidationOptions of pkg/apis/certificates/validation: an update forgives what is stored already. */
export const lenientTowards = ({ spec }: CertificateSigningRequest): Lenient => ({
  unknownUsages: (spec.usages ?? []).some((usage) => !USAGES.includes(usage)),
  duplicateUsages: repeated(spec.usages ?? []),
  legacySigner: spec.signerName === LEGACY_SIGNER,
});

/** The first half of validateCertificateSigningRequest: what is asked for. */
export function validateRequestSpec({ spec }: CertificateSigningRequest, lenient: Lenient, found: Findings): void {
  const {
    request = '',
    signerName = '',
    usages = [],
    expirationSeconds,
  } = spec as Partial<CertificateSigningRequestSpec>;
  const read = readCertificateRequest(Buffer.from(request, 'base64').toString('latin1'));
  if ('failed' in read) found.push(invalid('spec.request', request, read.failed));
  if (usages.length === 0) found.push(required('spec.usages'));
  for (const [i, usage] of usages.entries()) {
    if (!lenient.unknownUsages && !USAGES.includes(usage)) found.push(notSupported(`spec.usages[${i}]`, usage, USAGES));
  }
  for (const [i, usage] of usages.entries()) {
    if (!lenient.duplicateUsages && usages.indexOf(usage) < i) found.push(duplicate(`spec.usages[${i}]`, usage));
  }
  if (!lenient.legacySigner && signerName === LEGACY_SIGNER) {
    found.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  } else validateSigner(signerName, found);
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST) {
    const text = 'may not specify a duration less than 600 seconds (10 minutes)';
    found.push(invalid('spec.expirationSeconds', expirationSeconds, text));
  }
}

/** ValidateSignerName of pkg/apis/core/validation. */
function validateSigner(name: string, found: Findings): void {
  if (name === '') return void found.push(required('spec.signerName'));
  const [host = '', path, ...rest] = name.split('/');
  if (path === undefined || rest.length > 0) {
    return void found.push(invalid('spec.signerName', name, SIGNER_FORM));
  }
  for (const text of dns1123SubdomainErrors(host)) {
    found.push(invalid('spec.signerName', host, `validating label ${JSON.stringify(host)}: ${text}`));
  }
  if (path === '') found.push(invalid('spec.signerName', name, SIGNER_FORM));
  if (host.split('.').length < 2) {
    found.push(invalid('spec.signerName', host, 'should be a domain with at least two segments separated by dots'));
  }
}
