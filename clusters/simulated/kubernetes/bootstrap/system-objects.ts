import { KUBEADM_CLUSTER_ROLE_BINDINGS } from '../authorization/default-policy/kubeadm-policy.ts';
import type { KubeObject } from '../object.ts';
import { API_SERVICE_ADDRESS, CLUSTER_PLAN, DNS_SERVICE_ADDRESS, SERVICE_CIDR } from './cluster-plan.ts';
import { FLOW_SCHEMAS, PRIORITY_LEVELS } from './flow-control.ts';
import { RELEASE } from './release.ts';

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string | undefined,
  rest: object,
): KubeObject => {
  const { metadata, ...others } = rest as { metadata?: object };
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    ...others,
  };
};

export const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

const namespaces = SYSTEM_NAMESPACES.map((name) => object('v1', 'Namespace', name, undefined, {}));

/** pkg/apis/scheduling/v1/helpers.go SystemPriorityClasses. */
const priorityClasses = [
  object('scheduling.k8s.io/v1', 'PriorityClass', 'system-cluster-critical', undefined, {
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  }),
  object('scheduling.k8s.io/v1', 'PriorityClass', 'system-node-critical', undefined, {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  }),
];

const apiServicePorts = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }];

/** pkg/controlplane: the Service by which pods reach the API server. Its endpoints are the API server's own doing. */
const kubernetesService = object('v1', 'Service', 'kubernetes', 'default', {
  metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: { type: 'ClusterIP', clusterIP: API_SERVICE_ADDRESS, ports: apiServicePorts },
});

const controlPlaneAddress = CLUSTER_PLAN.nodes.find(({ isControlPlane }) => isControlPlane)?.address ?? '';

const kubernetesEndpoints = [
  object('v1', 'Endpoints', 'kubernetes', 'default', {
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: controlPlaneAddress }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  }),
  object('discovery.k8s.io/v1', 'EndpointSlice', 'kubernetes', 'default', {
    metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [controlPlaneAddress], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  }),
];

const serviceCidr = object('networking.k8s.io/v1', 'ServiceCIDR', 'kubernetes', undefined, {
  spec: { cidrs: [SERVICE_CIDR] },
});

const critical = { priorityClassName: 'system-cluster-critical' };

const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

/** kubeadm's DNS addon (cmd/kubeadm/app/phases/addons/dns/manifests.go). */
const dns = [
  object('v1', 'ServiceAccount', 'coredns', 'kube-system', {}),
  object('v1', 'ConfigMap', 'coredns', 'kube-system', { data: { Corefile: COREFILE } }),
  object('v1', 'Service', 'kube-dns', 'kube-system', {
    metadata: {
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      clusterIP: DNS_SERVICE_ADDRESS,
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  }),
  object('apps/v1', 'Deployment', 'coredns', 'kube-system', {
    metadata: { labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-dns' } },
        spec: {
          ...critical,
          serviceAccountName: 'coredns',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          ],
          dnsPolicy: 'Default',
          containers: [
            {
              name: 'coredns',
              image: `registry.k8s.io/coredns/coredns:${RELEASE.coredns}`,
              imagePullPolicy: 'IfNotPresent',
              args: ['-conf', '/etc/coredns/Corefile'],
              ports: [
                { containerPort: 53, name: 'dns', protocol: 'UDP' },
                { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
                { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
              ],
              resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' } },
              livenessProbe: {
                httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
                initialDelaySeconds: 60,
                timeoutSeconds: 5,
                failureThreshold: 5,
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
            },
          ],
          volumes: [
            { name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } },
          ],
        },
      },
    },
  }),
];

/** kubeadm's proxy addon (cmd/kubeadm/app/phases/addons/proxy/manifests.go). */
const proxy = [
  object('v1', 'ServiceAccount', 'kube-proxy', 'kube-system', {}),
  object('v1', 'ConfigMap', 'kube-proxy', 'kube-system', {
    metadata: { labels: { app: 'kube-proxy' } },
    data: {
      'config.conf':
        'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n',
    },
  }),
  object('apps/v1', 'DaemonSet', 'kube-proxy', 'kube-system', {
    metadata: { labels: { 'k8s-app': 'kube-proxy' } },
    spec: {
      selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-proxy' } },
        spec: {
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'kube-proxy',
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'kube-proxy',
              image: `registry.k8s.io/kube-proxy:${RELEASE.kubernetes}`,
              imagePullPolicy: 'IfNotPresent',
              command: [
                '/usr/local/bin/kube-proxy',
                '--config=/var/lib/kube-proxy/config.conf',
                '--hostname-override=$(NODE_NAME)',
              ],
              env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              securityContext: { privileged: true },
              volumeMounts: [
                { name: 'kube-proxy', mountPath: '/var/lib/kube-proxy' },
                { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
                { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'kube-proxy', configMap: { name: 'kube-proxy' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            { name: 'lib-modules', hostPath: { path: '/lib/modules', type: '' } },
          ],
        },
      },
    },
  }),
];

const rbac = 'rbac.authorization.k8s.io';
const binding = (
  kind: 'ClusterRoleBinding' | 'RoleBinding',
  name: string,
  namespace: string | undefined,
  role: object,
  subjects: object[],
) => object(`${rbac}/v1`, kind, name, namespace, { roleRef: { apiGroup: rbac, ...role }, subjects });
const account = (name: string): object => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** What kubeadm itself grants, besides the API server's own default policy. */
const grants = [
  ...KUBEADM_CLUSTER_ROLE_BINDINGS,
  binding(
    'ClusterRoleBinding',
    'kubeadm:node-proxier',
    undefined,
    { kind: 'ClusterRole', name: 'system:node-proxier' },
    [account('kube-proxy')],
  ),
  object(`${rbac}/v1`, 'ClusterRole', 'system:coredns', undefined, {
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  }),
  binding('ClusterRoleBinding', 'system:coredns', undefined, { kind: 'ClusterRole', name: 'system:coredns' }, [
    account('coredns'),
  ]),
];

/** Everything of a cluster's first minutes that does not depend on the lab. Frozen by whoever stores it, shared by all labs. */
export const SYSTEM_OBJECTS: readonly KubeObject[] = [
  ...namespaces,
  ...priorityClasses,
  ...PRIORITY_LEVELS,
  ...FLOW_SCHEMAS,
  serviceCidr,
  kubernetesService,
  ...kubernetesEndpoints,
];

/** kubeadm's addons and grants; a blank control plane without nodes would not have them. */
export const ADDONS: readonly KubeObject[] = [...grants, ...proxy, ...dns];
