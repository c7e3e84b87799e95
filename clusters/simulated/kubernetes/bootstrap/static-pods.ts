import { yamlText } from '../apiserver/encode/yaml.ts';
import type { KubeObject } from '../object.ts';
import { RELEASE } from './release.ts';

export const MANIFESTS = '/etc/kubernetes/manifests';
const PKI = '/etc/kubernetes/pki';

/** Flags of kubeadm's kube-apiserver (cmd/kubeadm/app/phases/controlplane/manifests.go getAPIServerCommand), sorted as there. */
export const apiServerFlags = (address: string): readonly string[] => [
  `--advertise-address=${address}`,
  '--allow-privileged=true',
  '--authorization-mode=Node,RBAC',
  `--client-ca-file=${PKI}/ca.crt`,
  '--enable-admission-plugins=NodeRestriction',
  '--enable-bootstrap-token-auth=true',
  `--etcd-cafile=${PKI}/etcd/ca.crt`,
  `--etcd-certfile=${PKI}/apiserver-etcd-client.crt`,
  `--etcd-keyfile=${PKI}/apiserver-etcd-client.key`,
  '--etcd-servers=https://127.0.0.1:2379',
  `--kubelet-client-certificate=${PKI}/apiserver-kubelet-client.crt`,
  `--kubelet-client-key=${PKI}/apiserver-kubelet-client.key`,
  '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
  `--proxy-client-cert-file=${PKI}/front-proxy-client.crt`,
  `--proxy-client-key-file=${PKI}/front-proxy-client.key`,
  '--requestheader-allowed-names=front-proxy-client',
  `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-username-headers=X-Remote-User',
  '--secure-port=6443',
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${PKI}/sa.pub`,
  `--service-account-signing-key-file=${PKI}/sa.key`,
  '--service-cluster-ip-range=10.96.0.0/12',
  `--tls-cert-file=${PKI}/apiserver.crt`,
  `--tls-private-key-file=${PKI}/apiserver.key`,
];

const etcdFlags = (node: string, address: string): readonly string[] => [
  `--advertise-client-urls=https://${address}:2379`,
  `--cert-file=${PKI}/etcd/server.crt`,
  '--client-cert-auth=true',
  '--data-dir=/var/lib/etcd',
  '--feature-gates=InitialCorruptCheck=true',
  `--initial-advertise-peer-urls=https://${address}:2380`,
  `--initial-cluster=${node}=https://${address}:2380`,
  `--key-file=${PKI}/etcd/server.key`,
  `--listen-client-urls=https://127.0.0.1:2379,https://${address}:2379`,
  '--listen-metrics-urls=http://127.0.0.1:2381',
  `--listen-peer-urls=https://${address}:2380`,
  `--name=${node}`,
  `--peer-cert-file=${PKI}/etcd/peer.crt`,
  '--peer-client-cert-auth=true',
  `--peer-key-file=${PKI}/etcd/peer.key`,
  `--peer-trusted-ca-file=${PKI}/etcd/ca.crt`,
  '--snapshot-count=10000',
  `--trusted-ca-file=${PKI}/etcd/ca.crt`,
  '--watch-progress-notify-interval=5s',
];

const controllerManagerFlags: readonly string[] = [
  '--allocate-node-cidrs=true',
  '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
  '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
  '--bind-address=127.0.0.1',
  `--client-ca-file=${PKI}/ca.crt`,
  '--cluster-cidr=10.244.0.0/16',
  '--cluster-name=kubernetes',
  `--cluster-signing-cert-file=${PKI}/ca.crt`,
  `--cluster-signing-key-file=${PKI}/ca.key`,
  '--controllers=*,bootstrapsigner,tokencleaner',
  '--kubeconfig=/etc/kubernetes/controller-manager.conf',
  '--leader-elect=true',
  `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
  `--root-ca-file=${PKI}/ca.crt`,
  `--service-account-private-key-file=${PKI}/sa.key`,
  '--service-cluster-ip-range=10.96.0.0/12',
  '--use-service-account-credentials=true',
];

const schedulerFlags: readonly string[] = [
  '--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
  '--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
  '--bind-address=127.0.0.1',
  '--kubeconfig=/etc/kubernetes/scheduler.conf',
  '--leader-elect=true',
];

interface Component {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly cpu: string;
  readonly memory?: string;
  readonly probe: {
    readonly host: string;
    readonly port: number;
    readonly scheme: 'HTTP' | 'HTTPS';
    readonly live: string;
    readonly ready?: string;
    /** Where it differs from `live`. */
    readonly start?: string;
  };
  /** Folder or file of the node by volume name; read-only unless it ends in `!`. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How the probes of kubeadm 1.34 and newer name their port (cmd/kubeadm/app/constants ProbePort). */
const PROBE_PORT = 'probe-port';

function manifest({ name, image, command, cpu, memory, probe, mounts, annotations }: Component): KubeObject {
  const check = (path: string, more: object): object => ({
    ...more,
    httpGet: { host: probe.host, path, port: PROBE_PORT, scheme: probe.scheme },
    timeoutSeconds: 15,
  });
  const paths = Object.entries(mounts).map(([volume, path]) => ({
    volume,
    path: path.replace(/!$/, ''),
    readOnly: !path.endsWith('!'),
    type: path.endsWith('.conf') ? 'FileOrCreate' : 'DirectoryOrCreate',
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [
        {
          command: [...command],
          image,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: check(probe.live, { failureThreshold: 8, initialDelaySeconds: 10, periodSeconds: 10 }),
          name,
          ports: [{ containerPort: probe.port, name: PROBE_PORT, protocol: 'TCP' }],
          ...(probe.ready === undefined
            ? {}
            : { readinessProbe: check(probe.ready, { failureThreshold: 3, periodSeconds: 1 }) }),
          resources: { requests: { cpu, ...(memory === undefined ? {} : { memory }) } },
          startupProbe: check(probe.start ?? probe.live, {
            failureThreshold: 24,
            initialDelaySeconds: 10,
            periodSeconds: 10,
          }),
          volumeMounts: paths.map(({ volume, path, readOnly }) => ({
            mountPath: path,
            name: volume,
            ...(readOnly ? { readOnly } : {}),
          })),
        },
      ],
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: paths.map(({ volume, path, type }) => ({ hostPath: { path, type }, name: volume })),
    },
  };
}

const certificates = { 'ca-certs': '/etc/ssl/certs', 'k8s-certs': PKI };
const image = (name: string): string => `registry.k8s.io/${name}:${RELEASE.kubernetes}`;

/** kubeadm's four static pods by file name, for a control plane at that address. Same input, same objects: shared by all labs. */
export function staticPods(node: string, address: string): Readonly<Record<string, KubeObject>> {
  const component = (facts: Component): [string, KubeObject] => [`${facts.name}.yaml`, manifest(facts)];
  return Object.fromEntries([
    component({
      name: 'etcd',
      image: `registry.k8s.io/etcd:${RELEASE.etcd}`,
      command: ['etcd', ...etcdFlags(node, address)],
      cpu: '100m',
      memory: '100Mi',
      probe: { host: '127.0.0.1', port: 2381, scheme: 'HTTP', live: '/livez', ready: '/readyz', start: '/readyz' },
      mounts: { 'etcd-data': '/var/lib/etcd!', 'etcd-certs': `${PKI}/etcd!` },
      annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${address}:2379` },
    }),
    component({
      name: 'kube-apiserver',
      image: image('kube-apiserver'),
      command: ['kube-apiserver', ...apiServerFlags(address)],
      cpu: '250m',
      probe: { host: address, port: 6443, scheme: 'HTTPS', live: '/livez', ready: '/readyz' },
      mounts: certificates,
      annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${address}:6443` },
    }),
    component({
      name: 'kube-controller-manager',
      image: image('kube-controller-manager'),
      command: ['kube-controller-manager', ...controllerManagerFlags],
      cpu: '200m',
      probe: { host: '127.0.0.1', port: 10_257, scheme: 'HTTPS', live: '/healthz' },
      mounts: { ...certificates, kubeconfig: '/etc/kubernetes/controller-manager.conf' },
    }),
    component({
      name: 'kube-scheduler',
      image: image('kube-scheduler'),
      command: ['kube-scheduler', ...schedulerFlags],
      cpu: '100m',
      probe: { host: '127.0.0.1', port: 10_259, scheme: 'HTTPS', live: '/livez', ready: '/readyz' },
      mounts: { kubeconfig: '/etc/kubernetes/scheduler.conf' },
    }),
  ]);
}

/** The text of a manifest file, as kubeadm writes it: whoever pastes lines into it expects its lists where kubeadm has them. */
export const manifestText = (pod: KubeObject): string => yamlText({ ...pod, status: {} });
