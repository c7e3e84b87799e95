import type { Column } from '../resource.ts';
import { AGE, NAME, column } from './column.ts';
import { humanDuration } from './duration.ts';

const integer = { type: 'integer' } as const;

interface PodDisruptionBudget {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { disruptionsAllowed?: number };
}

export const POD_DISRUPTION_BUDGET_COLUMNS: readonly Column[] = [
  NAME,
  column<PodDisruptionBudget>('Min Available', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
  column<PodDisruptionBudget>('Max Unavailable', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
  column<PodDisruptionBudget>('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0, integer),
  AGE,
];

interface CertificateSigningRequest {
  spec: { username?: string; signerName?: string; expirationSeconds?: number };
  status?: { certificate?: string; conditions?: { type: string }[] };
}

function csrCondition({ status }: CertificateSigningRequest): string {
  const has = (kind: string): boolean => (status?.conditions ?? []).some(({ type }) => type === kind);
  let text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  if (has('Failed')) text += ',Failed';
  return (status?.certificate?.length ?? 0) > 0 ? `${text},Issued` : text;
}

export const CERTIFICATE_SIGNING_REQUEST_COLUMNS: readonly Column[] = [
  NAME,
  AGE,
  column<CertificateSigningRequest>('SignerName', ({ spec }) => spec.signerName ?? '<none>'),
  column<CertificateSigningRequest>('Requestor', ({ spec }) => spec.username ?? ''),
  column<CertificateSigningRequest>('RequestedDuration', ({ spec }) =>
    spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
  ),
  column<CertificateSigningRequest>('Condition', csrCondition),
];

interface PriorityClass {
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
}

export const PRIORITY_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<PriorityClass>('Value', ({ value }) => value, integer),
  column<PriorityClass>('Global-Default', ({ globalDefault }) => globalDefault ?? false, { type: 'boolean' }),
  AGE,
  column<PriorityClass>('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? 'PreemptLowerPriority'),
];

export const RUNTIME_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ handler: string }>('Handler', ({ handler }) => handler),
  AGE,
];

export const LEASE_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec?: { holderIdentity?: string } }>('Holder', ({ spec }) => spec?.holderIdentity ?? ''),
  AGE,
];

interface ApiService {
  spec: { service?: { namespace: string; name: string } };
  status?: { conditions?: { type: string; status: string; reason?: string }[] };
}

/** additionalPrinterColumns of kube-aggregator's APIService. */
export const API_SERVICE_COLUMNS: readonly Column[] = [
  NAME,
  column<ApiService>('Service', ({ spec }) =>
    spec.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`,
  ),
  column<ApiService>('Available', ({ status }) => {
    const available = (status?.conditions ?? []).find(({ type }) => type === 'Available');
    if (available === undefined) return 'Unknown';
    return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
  }),
  AGE,
];
