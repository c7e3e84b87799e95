import { yamlText } from '../apiserver/encode/yaml.ts';
import { KUBEADM_CLUSTER_ROLE_BINDINGS } from '../authorization/default-policy/kubeadm-policy.ts';
import type { KubeObject } from '../object.ts';
import { DNS_ADDON, PROXY_ADDON } from './addons.ts';
import { type ClusterPlan, POD_CIDR } from './cluster-plan.ts';
import { CONTROLLER_ACCOUNTS } from './controller-accounts.ts';
import { KUBELET_CONFIGURATION } from './kubelet-configuration.ts';
import { object } from './object.ts';
import { RELEASE } from './release.ts';

const rbac = 'rbac.authorization.k8s.io';
const account = (name: string): object => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });
const subject = (kind: 'Group' | 'User', name: string): object => ({ apiGroup: rbac, kind, name });
const JOINING = subject('Group', 'system:bootstrappers:kubeadm:default-node-token');
const NODES = subject('Group', 'system:nodes');

const clusterBinding = (name: string, role: string, subjects: object[]): KubeObject =>
  object(`${rbac}/v1`, 'ClusterRoleBinding', name, undefined, {
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects,
  });

/** Lets somebody read one ConfigMap: a Role and its binding under one name. */
const readsConfigMap = (name: string, namespace: string, configMap: string, subjects: object[]): KubeObject[] => [
  object(`${rbac}/v1`, 'Role', name, namespace, {
    rules: [{ apiGroups: [''], resourceNames: [configMap], resources: ['configmaps'], verbs: ['get'] }],
  }),
  object(`${rbac}/v1`, 'RoleBinding', name, namespace, {
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects,
  }),
];

/** What kubeadm itself grants, besides the API server's own default policy (cmd/kubeadm/app/phases/bootstraptoken, uploadconfig, kubelet). */
const grants: readonly KubeObject[] = [
  ...(KUBEADM_CLUSTER_ROLE_BINDINGS as readonly unknown[] as readonly KubeObject[]),
  object(`${rbac}/v1`, 'ClusterRole', 'kubeadm:get-nodes', undefined, {
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
  }),
  clusterBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', [JOINING]),
  clusterBinding('kubeadm:node-proxier', 'system:node-proxier', [account('kube-proxy')]),
  object(`${rbac}/v1`, 'ClusterRole', 'system:coredns', undefined, {
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  }),
  clusterBinding('system:coredns', 'system:coredns', [account('coredns')]),
  ...readsConfigMap('kube-proxy', 'kube-system', 'kube-proxy', [JOINING]),
  ...readsConfigMap('kubeadm:kubelet-config', 'kube-system', 'kubelet-config', [NODES, JOINING]),
  ...readsConfigMap('kubeadm:nodes-kubeadm-config', 'kube-system', 'kubeadm-config', [JOINING, NODES]),
  // Whoever wants to join has no credentials yet.
  ...readsConfigMap('kubeadm:bootstrap-signer-clusterinfo', 'kube-public', 'cluster-info', [
    subject('User', 'system:anonymous'),
  ]),
];

/** What `kubeadm init` leaves in a cluster; a blank control plane without nodes has none of it. Shared by all labs. */
export const KUBEADM_OBJECTS: readonly KubeObject[] = [
  ...grants,
  ...CONTROLLER_ACCOUNTS,
  ...PROXY_ADDON,
  ...DNS_ADDON,
  object('v1', 'ConfigMap', 'kubelet-config', 'kube-system', { data: { kubelet: KUBELET_CONFIGURATION } }),
];

/** cmd/kubeadm/app/phases/uploadconfig: what the cluster was made of. */
export const kubeadmConfig = ({ endpoint, serviceRange }: ClusterPlan): KubeObject =>
  object('v1', 'ConfigMap', 'kubeadm-config', 'kube-system', {
    data: {
      ClusterConfiguration: yamlText({
        apiServer: {},
        apiVersion: 'kubeadm.k8s.io/v1beta4',
        caCertificateValidityPeriod: '87600h0m0s',
        certificateValidityPeriod: '8760h0m0s',
        certificatesDir: '/etc/kubernetes/pki',
        clusterName: 'kubernetes',
        controlPlaneEndpoint: endpoint.replace('https://', ''),
        controllerManager: {},
        dns: {},
        encryptionAlgorithm: 'RSA-2048',
        etcd: { local: { dataDir: '/var/lib/etcd' } },
        imageRepository: 'registry.k8s.io',
        kind: 'ClusterConfiguration',
        kubernetesVersion: RELEASE.kubernetes,
        networking: { dnsDomain: 'cluster.local', podSubnet: POD_CIDR, serviceSubnet: serviceRange },
        proxy: {},
        scheduler: {},
      }),
    },
  });
