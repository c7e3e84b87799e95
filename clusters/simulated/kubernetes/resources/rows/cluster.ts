import {
  ADMISSION_POLICY_BINDING_COLUMNS,
  MUTATING_ADMISSION_POLICY_COLUMNS,
  VALIDATING_ADMISSION_POLICY_COLUMNS,
  WEBHOOK_COLUMNS,
} from '../columns/admissionregistration.ts';
import {
  API_SERVICE_COLUMNS,
  CERTIFICATE_SIGNING_REQUEST_COLUMNS,
  LEASE_COLUMNS,
  PRIORITY_CLASS_COLUMNS,
  RUNTIME_CLASS_COLUMNS,
} from '../columns/cluster.ts';
import { NAME_AND_CREATED_AT } from '../columns/column.ts';
import { EVENT_COLUMNS } from '../columns/core.ts';
import { FLOW_SCHEMA_COLUMNS, PRIORITY_LEVEL_CONFIGURATION_COLUMNS } from '../columns/flowcontrol.ts';
import {
  ENDPOINT_SLICE_COLUMNS,
  INGRESS_CLASS_COLUMNS,
  INGRESS_COLUMNS,
  IP_ADDRESS_COLUMNS,
  NETWORK_POLICY_COLUMNS,
  SERVICE_CIDR_COLUMNS,
} from '../columns/networking.ts';
import { BINDING_COLUMNS } from '../columns/rbac.ts';
import {
  CSI_DRIVER_COLUMNS,
  CSI_NODE_COLUMNS,
  STORAGE_CLASS_COLUMNS,
  VOLUME_ATTACHMENT_COLUMNS,
  VOLUME_ATTRIBUTES_CLASS_COLUMNS,
} from '../columns/storage.ts';
import type { Resource } from '../resource.ts';
import {
  MUTATING_ADMISSION_POLICY,
  MUTATING_ADMISSION_POLICY_BINDING,
  MUTATING_WEBHOOK_CONFIGURATION,
  VALIDATING_ADMISSION_POLICY,
  VALIDATING_ADMISSION_POLICY_BINDING,
  VALIDATING_WEBHOOK_CONFIGURATION,
} from '../strategies/admissionregistration.ts';
import { CERTIFICATE_SIGNING_REQUEST } from '../strategies/certificates.ts';
import { EVENTS_V1, LEASE, PRIORITY_CLASS, RUNTIME_CLASS } from '../strategies/cluster.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../strategies/customresources.ts';
import { FLOW_SCHEMA, PRIORITY_LEVEL_CONFIGURATION } from '../strategies/flowcontrol.ts';
import {
  ENDPOINT_SLICE,
  INGRESS,
  INGRESS_CLASS,
  IP_ADDRESS,
  NETWORK_POLICY,
  SERVICE_CIDR,
} from '../strategies/networking.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from '../strategies/rbac.ts';
import { API_SERVICE } from '../strategies/registration.ts';
import {
  CSI_DRIVER,
  CSI_NODE,
  CSI_STORAGE_CAPACITY,
  STORAGE_CLASS,
  VOLUME_ATTACHMENT,
  VOLUME_ATTRIBUTES_CLASS,
} from '../strategies/storage.ts';
import { rowsOf, statusOf } from './row.ts';

const networking = rowsOf('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1');
const rbac = rowsOf('rbac.authorization.k8s.io', 'v1', 'io.k8s.api.rbac.v1');
const storage = rowsOf('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1');
const admission = rowsOf('admissionregistration.k8s.io', 'v1', 'io.k8s.api.admissionregistration.v1');
const authentication = rowsOf('authentication.k8s.io', 'v1', 'io.k8s.api.authentication.v1');
const authorization = rowsOf('authorization.k8s.io', 'v1', 'io.k8s.api.authorization.v1');
const certificates = rowsOf('certificates.k8s.io', 'v1', 'io.k8s.api.certificates.v1');
const coordination = rowsOf('coordination.k8s.io', 'v1', 'io.k8s.api.coordination.v1');
const discovery = rowsOf('discovery.k8s.io', 'v1', 'io.k8s.api.discovery.v1');
const events = rowsOf('events.k8s.io', 'v1', 'io.k8s.api.events.v1');
const flowcontrol = rowsOf('flowcontrol.apiserver.k8s.io', 'v1', 'io.k8s.api.flowcontrol.v1');
const node = rowsOf('node.k8s.io', 'v1', 'io.k8s.api.node.v1');
const scheduling = rowsOf('scheduling.k8s.io', 'v1', 'io.k8s.api.scheduling.v1');
const extensions = rowsOf('apiextensions.k8s.io', 'v1', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1');
const registration = rowsOf('apiregistration.k8s.io', 'v1', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1');

const clusterScoped = true;
const createOnly = { verbs: ['create'] } as const;
const apiExtensions = ['api-extensions'];

/** The groups that are not workloads: pkg/registry/<group>/rest, apiextensions-apiserver and kube-aggregator. */
export const CLUSTER_ROWS: readonly Resource[] = [
  networking({
    kind: 'IngressClass',
    clusterScoped,
    columns: INGRESS_CLASS_COLUMNS,
    strategy: INGRESS_CLASS,
  }),
  networking({
    kind: 'Ingress',
    shortNames: ['ing'],
    subresources: [statusOf('Ingress')],
    storagePrefix: '/registry/ingress',
    columns: INGRESS_COLUMNS,
    strategy: INGRESS,
  }),
  networking({
    kind: 'IPAddress',
    plural: 'ipaddresses',
    shortNames: ['ip'],
    clusterScoped,
    columns: IP_ADDRESS_COLUMNS,
    strategy: IP_ADDRESS,
  }),
  networking({
    kind: 'NetworkPolicy',
    shortNames: ['netpol'],
    columns: NETWORK_POLICY_COLUMNS,
    strategy: NETWORK_POLICY,
  }),
  networking({
    kind: 'ServiceCIDR',
    clusterScoped,
    subresources: [statusOf('ServiceCIDR')],
    columns: SERVICE_CIDR_COLUMNS,
    strategy: SERVICE_CIDR,
  }),
  rbac({ kind: 'ClusterRoleBinding', clusterScoped, columns: BINDING_COLUMNS, strategy: CLUSTER_ROLE_BINDING }),
  rbac({ kind: 'ClusterRole', clusterScoped, columns: NAME_AND_CREATED_AT, strategy: CLUSTER_ROLE }),
  rbac({ kind: 'RoleBinding', columns: BINDING_COLUMNS, strategy: ROLE_BINDING }),
  rbac({ kind: 'Role', columns: NAME_AND_CREATED_AT, strategy: ROLE }),
  storage({ kind: 'CSIDriver', clusterScoped, columns: CSI_DRIVER_COLUMNS, strategy: CSI_DRIVER }),
  storage({ kind: 'CSINode', clusterScoped, columns: CSI_NODE_COLUMNS, strategy: CSI_NODE }),
  storage({ kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', strategy: CSI_STORAGE_CAPACITY }),
  storage({
    kind: 'StorageClass',
    shortNames: ['sc'],
    clusterScoped,
    columns: STORAGE_CLASS_COLUMNS,
    strategy: STORAGE_CLASS,
  }),
  storage({
    kind: 'VolumeAttachment',
    clusterScoped,
    subresources: [statusOf('VolumeAttachment')],
    columns: VOLUME_ATTACHMENT_COLUMNS,
    strategy: VOLUME_ATTACHMENT,
  }),
  storage({
    kind: 'VolumeAttributesClass',
    shortNames: ['vac'],
    clusterScoped,
    columns: VOLUME_ATTRIBUTES_CLASS_COLUMNS,
    strategy: VOLUME_ATTRIBUTES_CLASS,
  }),
  admission({
    kind: 'MutatingAdmissionPolicy',
    clusterScoped,
    categories: apiExtensions,
    columns: MUTATING_ADMISSION_POLICY_COLUMNS,
    strategy: MUTATING_ADMISSION_POLICY,
  }),
  admission({
    kind: 'MutatingAdmissionPolicyBinding',
    clusterScoped,
    categories: apiExtensions,
    columns: ADMISSION_POLICY_BINDING_COLUMNS,
    strategy: MUTATING_ADMISSION_POLICY_BINDING,
  }),
  admission({
    kind: 'MutatingWebhookConfiguration',
    clusterScoped,
    categories: apiExtensions,
    columns: WEBHOOK_COLUMNS,
    strategy: MUTATING_WEBHOOK_CONFIGURATION,
  }),
  admission({
    kind: 'ValidatingAdmissionPolicy',
    clusterScoped,
    categories: apiExtensions,
    subresources: [statusOf('ValidatingAdmissionPolicy')],
    columns: VALIDATING_ADMISSION_POLICY_COLUMNS,
    strategy: VALIDATING_ADMISSION_POLICY,
  }),
  admission({
    kind: 'ValidatingAdmissionPolicyBinding',
    clusterScoped,
    categories: apiExtensions,
    columns: ADMISSION_POLICY_BINDING_COLUMNS,
    strategy: VALIDATING_ADMISSION_POLICY_BINDING,
  }),
  admission({
    kind: 'ValidatingWebhookConfiguration',
    clusterScoped,
    categories: apiExtensions,
    columns: WEBHOOK_COLUMNS,
    strategy: VALIDATING_WEBHOOK_CONFIGURATION,
  }),
  authentication({ kind: 'SelfSubjectReview', clusterScoped, ...createOnly }),
  authentication({ kind: 'TokenReview', clusterScoped, ...createOnly }),
  authorization({ kind: 'LocalSubjectAccessReview', ...createOnly }),
  authorization({ kind: 'SelfSubjectAccessReview', clusterScoped, ...createOnly }),
  authorization({ kind: 'SelfSubjectRulesReview', clusterScoped, ...createOnly }),
  authorization({ kind: 'SubjectAccessReview', clusterScoped, ...createOnly }),
  certificates({
    kind: 'CertificateSigningRequest',
    shortNames: ['csr'],
    clusterScoped,
    subresources: [
      { name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
      statusOf('CertificateSigningRequest'),
    ],
    columns: CERTIFICATE_SIGNING_REQUEST_COLUMNS,
    strategy: CERTIFICATE_SIGNING_REQUEST,
  }),
  coordination({ kind: 'Lease', columns: LEASE_COLUMNS, strategy: LEASE }),
  discovery({ kind: 'EndpointSlice', columns: ENDPOINT_SLICE_COLUMNS, strategy: ENDPOINT_SLICE }),
  events({ kind: 'Event', shortNames: ['ev'], columns: EVENT_COLUMNS, conversion: EVENTS_V1 }),
  flowcontrol({
    kind: 'FlowSchema',
    clusterScoped,
    subresources: [statusOf('FlowSchema')],
    columns: FLOW_SCHEMA_COLUMNS,
    strategy: FLOW_SCHEMA,
  }),
  flowcontrol({
    kind: 'PriorityLevelConfiguration',
    clusterScoped,
    subresources: [statusOf('PriorityLevelConfiguration')],
    columns: PRIORITY_LEVEL_CONFIGURATION_COLUMNS,
    strategy: PRIORITY_LEVEL_CONFIGURATION,
  }),
  node({ kind: 'RuntimeClass', clusterScoped, columns: RUNTIME_CLASS_COLUMNS, strategy: RUNTIME_CLASS }),
  scheduling({
    kind: 'PriorityClass',
    shortNames: ['pc'],
    clusterScoped,
    columns: PRIORITY_CLASS_COLUMNS,
    strategy: PRIORITY_CLASS,
  }),
  extensions({
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: apiExtensions,
    clusterScoped,
    subresources: [statusOf('CustomResourceDefinition')],
    storagePrefix: '/registry/apiextensions.k8s.io/customresourcedefinitions',
    columns: NAME_AND_CREATED_AT,
    strategy: CUSTOM_RESOURCE_DEFINITION,
  }),
  registration({
    kind: 'APIService',
    categories: apiExtensions,
    clusterScoped,
    subresources: [statusOf('APIService')],
    storagePrefix: '/registry/apiregistration.k8s.io/apiservices',
    columns: API_SERVICE_COLUMNS,
    strategy: API_SERVICE,
  }),
];
