import type { CertificateSigningRequest, CertificateSigningRequestSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
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

/** validateCertificateSigningRequest of pkg/apis/certificates/validation. */
export function validateCertificateRequest({ spec }: CertificateSigningRequest, found: Findings): void {
  const {
    request = '',
    signerName = '',
    usages = [],
    expirationSeconds,
  } = spec as Partial<CertificateSigningRequestSpec>;
  const block = /^-----BEGIN ([^-]+)-----/.exec(Buffer.from(request, 'base64').toString('latin1').trimStart())?.[1];
  if (block !== 'CERTIFICATE REQUEST') {
    found.push(invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST'));
  }
  if (usages.length === 0) found.push(required('spec.usages'));
  const seen = new Set<string>();
  for (const [i, usage] of usages.entries()) {
    if (!USAGES.includes(usage)) found.push(notSupported(`spec.usages[${i}]`, usage, USAGES));
    if (seen.has(usage)) found.push(duplicate(`spec.usages[${i}]`, usage));
    seen.add(usage);
  }
  if (signerName === 'kubernetes.io/legacy-unknown') {
    found.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'));
  } else validateSigner(signerName, found);
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST) {
    const text = 'may not specify a duration less than 600 seconds (10 minutes)';
    found.push(invalid('spec.expirationSeconds', expirationSeconds, text));
  }
}

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
