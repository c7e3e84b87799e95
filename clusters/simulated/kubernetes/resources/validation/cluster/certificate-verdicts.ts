import { X509Certificate } from 'node:crypto';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../model/generated/objects.ts';
import { duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { lenientTowards, STRICT, validateRequestSpec, type Lenient } from './certificate-requests.ts';

const CONDITIONS = 'status.conditions';
const CERTIFICATE = 'status.certificate';
const VERDICTS = ['Approved', 'Denied', 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

/** ValidateCertificateSigningRequestCreate of pkg/apis/certificates/validation. */
export const validateCertificateRequest = (request: CertificateSigningRequest, found: Findings): void =>
  validateWhole(request, STRICT, undefined, found);

/** What each way to update a request may do: nothing, approve or deny, or hand out the certificate. */
const updated =
  (may: { readonly approve: boolean; readonly issue: boolean }) =>
  (request: CertificateSigningRequest, old: CertificateSigningRequest, found: Findings): void => {
    validateWhole(request, lenientTowards(old), old, found);
    validateVerdicts(request, old, may.approve, found);
    validateIssue(request, old, may.issue, found);
  };

export const validateCertificateRequestUpdate = updated({ approve: false, issue: false });
export const validateCertificateRequestStatus = updated({ approve: false, issue: true });
export const validateCertificateRequestApproval = updated({ approve: true, issue: false });

function validateWhole(
  request: CertificateSigningRequest,
  lenient: Lenient,
  old: CertificateSigningRequest | undefined,
  found: Findings,
): void {
  validateRequestSpec(request, lenient, found);
  validateConditions(conditionsOf(request), old === undefined ? [] : conditionsOf(old), found);
  const { certificate } = request.status ?? {};
  if (certificate === old?.status?.certificate && old !== undefined) return;
  const wrong = certificateError(certificate);
  if (wrong !== undefined) found.push(invalid(CERTIFICATE, '<certificate data>', wrong));
}

const conditionsOf = ({ status }: CertificateSigningRequest): readonly CertificateSigningRequestCondition[] =>
  status?.conditions ?? [];

const repeats = (conditions: readonly CertificateSigningRequestCondition[]): boolean =>
  new Set(conditions.map(({ type }) => type)).size < conditions.length;
const hasBoth = (conditions: readonly CertificateSigningRequestCondition[]): boolean =>
  ['Approved', 'Denied'].every((type) => conditions.some((one) => one.type === type));

function validateConditions(
  conditions: readonly CertificateSigningRequestCondition[],
  before: readonly CertificateSigningRequestCondition[],
  found: Findings,
): void {
  const seen = new Set<string>();
  for (const [i, { type = '', status = '' }] of conditions.entries()) {
    const at = `${CONDITIONS}[${i}]`;
    if (type === '') found.push(required(`${at}.type`));
    const allowed = VERDICTS.includes(type) ? ['True'] : STATUSES;
    if (status === '') found.push(required(`${at}.status`));
    else if (!allowed.includes(status)) found.push(notSupported(`${at}.status`, status, allowed));
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (other !== undefined && seen.has(other) && !hasBoth(before)) {
      found.push(invalid(CONDITIONS, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (seen.has(type) && !repeats(before)) found.push(duplicate(`${at}.type`, type));
    seen.add(type);
  }
}

/** What was said of a request is not taken back, and only an approver says whether it is granted. */
function validateVerdicts(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  mayApprove: boolean,
  found: Findings,
): void {
  const of = (one: CertificateSigningRequest, type: string): readonly CertificateSigningRequestCondition[] =>
    conditionsOf(one).filter((condition) => condition.type === type);
  for (const type of VERDICTS) {
    if (of(request, type).length < of(old, type).length) {
      found.push(forbidden(CONDITIONS, `updates may not remove a condition of type "${type}"`));
    }
  }
  if (mayApprove) return;
  for (const type of ['Approved', 'Denied']) {
    const [after, before] = [of(request, type), of(old, type)];
    if (after.length > before.length) {
      found.push(forbidden(CONDITIONS, `updates may not add a condition of type "${type}"`));
    } else if (after.length === before.length && !sameValue(after, before)) {
      found.push(forbidden(CONDITIONS, `updates may not modify a condition of type "${type}"`));
    }
  }
}

function validateIssue(
  { status }: CertificateSigningRequest,
  old: CertificateSigningRequest,
  mayIssue: boolean,
  found: Findings,
): void {
  const before = old.status?.certificate ?? '';
  if ((status?.certificate ?? '') === before) return;
  if (!mayIssue) found.push(forbidden(CERTIFICATE, 'updates may not set certificate content'));
  else if (before !== '') found.push(forbidden(CERTIFICATE, 'updates may not modify existing certificate content'));
}

const PEM = /-----BEGIN ([^-]+)-----([\s\S]*?)-----END \1-----/g;

/** validateCertificate: PEM blocks of certificates and nothing else, base64 around them. */
function certificateError(encoded: string | undefined): string | undefined {
  if (!encoded) return undefined;
  const blocks = [...Buffer.from(encoded, 'base64').toString('latin1').matchAll(PEM)];
  for (const [whole, kind, body = ''] of blocks) {
    if (kind !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(kind)}`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    try {
      void new X509Certificate(whole);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}
