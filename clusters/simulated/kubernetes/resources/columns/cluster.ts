import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined, labelSelectorText } from './column.ts';
import { humanDuration } from './duration.ts';

const wide = { wide: true } as const;
const integer = { type: 'integer' } as const;

/** `Created At` in place of an age: roles, cluster roles, definitions of custom resources (printers.go objectMetaColumn). */
export const NAME_AND_CREATED_AT: readonly Column[] = [
  NAME,
  column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '', { type: 'date' }),
];

interface Binding {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const subjects = ({ subjects = [] }: Binding, kind: string): string =>
  subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ');

export const BINDING_COLUMNS: readonly Column[] = [
  NAME,
  column<Binding>('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  AGE,
  column<Binding>('Users', (binding) => subjects(binding, 'User'), wide),
  column<Binding>('Groups', (binding) => subjects(binding, 'Group'), wide),
  column<Binding>('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount'), wide),
];

interface Ingress {
  spec: {
    ingressClassName?: string;
    tls?: unknown[];
    rules?: { host?: string }[];
    defaultBackend?: { service?: { name: string; port?: { number?: number; name?: string } } };
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

function ingressHosts({ spec }: Ingress): string {
  const hosts = (spec.rules ?? []).map(({ host }) => host ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
}

export const INGRESS_COLUMNS: readonly Column[] = [
  NAME,
  column<Ingress>('Class', ({ spec }) => spec.ingressClassName ?? '<none>'),
  column<Ingress>('Hosts', ingressHosts),
  column<Ingress>('Address', ({ status }) =>
    (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').join(','),
  ),
  column<Ingress>('Ports', ({ spec }) => ((spec.tls?.length ?? 0) > 0 ? '80, 443' : '80')),
  AGE,
];

interface Parameters {
  spec?: { controller?: string; parameters?: { apiGroup?: string; kind: string; name: string } };
}

export const INGRESS_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<Parameters>('Controller', ({ spec }) => spec?.controller ?? ''),
  column<Parameters>('Parameters', ({ spec }) => {
    const { apiGroup, kind, name } = spec?.parameters ?? { kind: '', name: '' };
    if (kind === '') return '<none>';
    return apiGroup ? `${kind}.${apiGroup}/${name}` : `${kind}/${name}`;
  }),
  AGE,
];

export const NETWORK_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec?: { podSelector?: object } }>('Pod-Selector', ({ spec }) => labelSelectorText(spec?.podSelector)),
  AGE,
];

export const IP_ADDRESS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec: { parentRef?: { group?: string; resource: string; namespace?: string; name: string } } }>(
    'ParentRef',
    ({ spec: { parentRef } }) => {
      if (parentRef === undefined) return '';
      const { group, resource, namespace, name } = parentRef;
      return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/');
    },
  ),
  AGE,
];

export const SERVICE_CIDR_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec: { cidrs?: string[] } }>('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')),
  AGE,
];

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

interface StorageClass extends KubeObject {
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

const isDefaultClass = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

export const STORAGE_CLASS_COLUMNS: readonly Column[] = [
  column<StorageClass>(
    'Name',
    (storageClass) => `${storageClass.metadata.name}${isDefaultClass(storageClass) ? ' (default)' : ''}`,
    { format: 'name' },
  ),
  column<StorageClass>('Provisioner', ({ provisioner }) => provisioner),
  column<StorageClass>('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column<StorageClass>('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column<StorageClass>('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  AGE,
];

export const CSI_NODE_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec?: { drivers?: unknown[] } }>('Drivers', ({ spec }) => spec?.drivers?.length ?? 0, integer),
  AGE,
];

interface CsiDriver {
  spec: {
    attachRequired?: boolean;
    podInfoOnMount?: boolean;
    storageCapacity?: boolean;
    tokenRequests?: { audience?: string }[];
    requiresRepublish?: boolean;
    volumeLifecycleModes?: string[];
  };
}

export const CSI_DRIVER_COLUMNS: readonly Column[] = [
  NAME,
  column<CsiDriver>('AttachRequired', ({ spec }) => spec.attachRequired ?? true, { type: 'boolean' }),
  column<CsiDriver>('PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false, { type: 'boolean' }),
  column<CsiDriver>('StorageCapacity', ({ spec }) => spec.storageCapacity ?? false),
  column<CsiDriver>('TokenRequests', ({ spec }) =>
    spec.tokenRequests === undefined ? '<unset>' : spec.tokenRequests.map(({ audience }) => audience ?? '').join(','),
  ),
  column<CsiDriver>('RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false),
  column<CsiDriver>('Modes', ({ spec }) => joined(spec.volumeLifecycleModes)),
  AGE,
];

interface VolumeAttachment {
  spec: { attacher: string; source: { persistentVolumeName?: string }; nodeName: string };
  status?: { attached?: boolean };
}

export const VOLUME_ATTACHMENT_COLUMNS: readonly Column[] = [
  NAME,
  column<VolumeAttachment>('Attacher', ({ spec }) => spec.attacher, { format: 'name' }),
  column<VolumeAttachment>('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
  column<VolumeAttachment>('Node', ({ spec }) => spec.nodeName),
  column<VolumeAttachment>('Attached', ({ status }) => status?.attached ?? false, { type: 'boolean' }),
  AGE,
];

export const VOLUME_ATTRIBUTES_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ driverName: string }>('DriverName', ({ driverName }) => driverName),
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

export const WEBHOOK_COLUMNS: readonly Column[] = [
  NAME,
  column<{ webhooks?: unknown[] }>('Webhooks', ({ webhooks }) => webhooks?.length ?? 0, integer),
  AGE,
];

interface AdmissionPolicy {
  spec: {
    validations?: unknown[];
    mutations?: unknown[];
    paramKind?: { apiVersion: string; kind: string };
  };
}

const paramKind = ({ spec: { paramKind } }: AdmissionPolicy): string =>
  paramKind === undefined ? '<unset>' : `${paramKind.apiVersion}/${paramKind.kind}`;

export const VALIDATING_ADMISSION_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicy>('Validations', ({ spec }) => spec.validations?.length ?? 0, integer),
  column<AdmissionPolicy>('ParamKind', paramKind),
  AGE,
];

export const MUTATING_ADMISSION_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicy>('Mutations', ({ spec }) => spec.mutations?.length ?? 0, integer),
  column<AdmissionPolicy>('ParamKind', paramKind),
  AGE,
];

interface AdmissionPolicyBinding {
  spec: { policyName?: string; paramRef?: { namespace?: string; name?: string; selector?: object } };
}

export const ADMISSION_POLICY_BINDING_COLUMNS: readonly Column[] = [
  NAME,
  column<AdmissionPolicyBinding>('PolicyName', ({ spec }) => spec.policyName ?? ''),
  column<AdmissionPolicyBinding>('ParamRef', ({ spec: { paramRef } }) => {
    if (paramRef === undefined) return '<unset>';
    if (paramRef.name) return paramRef.namespace ? `${paramRef.namespace}/${paramRef.name}` : `*/${paramRef.name}`;
    return paramRef.selector === undefined ? '<unset>' : labelSelectorText(paramRef.selector);
  }),
  AGE,
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
  column<PriorityClass>('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? 'PreemptLowerPriority', wide),
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

interface FlowSchema {
  spec: {
    priorityLevelConfiguration: { name: string };
    matchingPrecedence?: number;
    distinguisherMethod?: { type: string };
  };
  status?: { conditions?: { type: string; status: string }[] };
}

export const FLOW_SCHEMA_COLUMNS: readonly Column[] = [
  NAME,
  column<FlowSchema>('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
  column<FlowSchema>('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence ?? 0, integer),
  column<FlowSchema>('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>'),
  AGE,
  column<FlowSchema>(
    'MissingPL',
    ({ status }) => (status?.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?',
  ),
];

interface PriorityLevel {
  spec: {
    type: string;
    limited?: {
      nominalConcurrencyShares?: number;
      limitResponse?: { queuing?: { queues?: number; handSize?: number; queueLengthLimit?: number } };
    };
  };
}

const queuing = ({ spec }: PriorityLevel): { queues?: number; handSize?: number; queueLengthLimit?: number } =>
  spec.limited?.limitResponse?.queuing ?? {};

export const PRIORITY_LEVEL_CONFIGURATION_COLUMNS: readonly Column[] = [
  NAME,
  column<PriorityLevel>('Type', ({ spec }) => spec.type),
  column<PriorityLevel>('NominalConcurrencyShares', ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>'),
  column<PriorityLevel>('Queues', (level) => queuing(level).queues ?? '<none>'),
  column<PriorityLevel>('HandSize', (level) => queuing(level).handSize ?? '<none>'),
  column<PriorityLevel>('QueueLengthLimit', (level) => queuing(level).queueLengthLimit ?? '<none>'),
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
