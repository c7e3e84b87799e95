import { deepFreeze } from '../../object.ts';
import type { BindingObject } from '../rules.ts';

const GROUP = 'rbac.authorization.k8s.io';

const clusterBinding = (name: string, role: string, group: string): BindingObject => ({
  apiVersion: `${GROUP}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'Group', apiGroup: GROUP, name: group }],
});

/** The ClusterRoleBindings `kubeadm init` makes (cmd/kubeadm/app/phases/bootstraptoken/node/tlsbootstrap.go, util/kubeconfig). */
export const KUBEADM_CLUSTER_ROLE_BINDINGS: readonly BindingObject[] = deepFreeze([
  clusterBinding('kubeadm:cluster-admins', 'cluster-admin', 'kubeadm:cluster-admins'),
  clusterBinding(
    'kubeadm:kubelet-bootstrap',
    'system:node-bootstrapper',
    'system:bootstrappers:kubeadm:default-node-token',
  ),
  clusterBinding(
    'kubeadm:node-autoapprove-bootstrap',
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    'system:bootstrappers:kubeadm:default-node-token',
  ),
  clusterBinding(
    'kubeadm:node-autoapprove-certificate-rotation',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    'system:nodes',
  ),
]);
