import {
  ADMISSION_POLICY_BINDING_COLUMNS,
  MUTATING_ADMISSION_POLICY_COLUMNS,
  VALIDATING_ADMISSION_POLICY_COLUMNS,
  WEBHOOK_COLUMNS,
} from '../columns/admissionregistration.ts';
import { API_SERVICE_COLUMNS } from '../columns/cluster.ts';
import { NAME_AND_CREATED_AT } from '../columns/column.ts';
import type { Resource } from '../resource.ts';
import {
  MUTATING_ADMISSION_POLICY,
  MUTATING_ADMISSION_POLICY_BINDING,
  MUTATING_WEBHOOK_CONFIGURATION,
  VALIDATING_ADMISSION_POLICY,
  VALIDATING_ADMISSION_POLICY_BINDING,
  VALIDATING_WEBHOOK_CONFIGURATION,
} from '../strategies/admissionregistration.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../strategies/customresources.ts';
import { API_SERVICE } from '../strategies/registration.ts';
import { rowsOf, statusOf } from './row.ts';

const admission = rowsOf('admissionregistration.k8s.io', 'v1', 'io.k8s.api.admissionregistration.v1');
const extensions = rowsOf('apiextensions.k8s.io', 'v1', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1');
const registration = rowsOf('apiregistration.k8s.io', 'v1', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1');

const clusterScoped = true;
const apiExtensions = ['api-extensions'];

/** What extends the API server: pkg/registry/admissionregistration/rest, apiextensions-apiserver, kube-aggregator. */
export const EXTENSION_ROWS: readonly Resource[] = [
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
