import { CERTIFICATE_SIGNING_REQUEST_COLUMNS } from '../columns/cluster.ts';
import { NAME_AND_CREATED_AT } from '../columns/column.ts';
import { BINDING_COLUMNS } from '../columns/rbac.ts';
import type { Resource } from '../resource.ts';
import { CERTIFICATE_SIGNING_REQUEST } from '../strategies/certificates.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING } from '../strategies/rbac.ts';
import { rowsOf, statusOf } from './row.ts';

const rbac = rowsOf('rbac.authorization.k8s.io', 'v1', 'io.k8s.api.rbac.v1');
const authentication = rowsOf('authentication.k8s.io', 'v1', 'io.k8s.api.authentication.v1');
const authorization = rowsOf('authorization.k8s.io', 'v1', 'io.k8s.api.authorization.v1');
const certificates = rowsOf('certificates.k8s.io', 'v1', 'io.k8s.api.certificates.v1');

const clusterScoped = true;
const createOnly = { verbs: ['create'] } as const;

/** Who somebody is and what they may do: pkg/registry/{rbac,authentication,authorization,certificates}/rest. */
export const ACCESS_ROWS: readonly Resource[] = [
  rbac({ kind: 'ClusterRoleBinding', clusterScoped, columns: BINDING_COLUMNS, strategy: CLUSTER_ROLE_BINDING }),
  rbac({ kind: 'ClusterRole', clusterScoped, columns: NAME_AND_CREATED_AT, strategy: CLUSTER_ROLE }),
  rbac({ kind: 'RoleBinding', columns: BINDING_COLUMNS, strategy: ROLE_BINDING }),
  rbac({ kind: 'Role', columns: NAME_AND_CREATED_AT, strategy: ROLE }),
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
];
