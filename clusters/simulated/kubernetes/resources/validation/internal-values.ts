import { hasSchema, schemaOf, type FieldSchema, type Shape } from '../../model/schema.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const CORE = 'io.k8s.api.core.v1.';
/** Types that have no internal version: they print as the client sent them. */
const VERSIONED = 'io.k8s.apimachinery.';

/**
 * A value as kube-apiserver's internal types print it in a 422 (pkg/apis/<group>/types.go): Go's field names, every field there,
 * null for what nobody set. The versioned schema tells the fields; what differs inside is in the tables below.
 */
export function internalValue(value: unknown, type: string): unknown {
  if (type.startsWith(VERSIONED) || !hasSchema(type) || !isFields(value)) return value;
  if (type === `${CORE}PodTemplateSpec`) {
    const { metadata, spec } = value;
    return { ...(isFields(metadata) ? metadata : {}), Spec: internalValue(spec, `${CORE}PodSpec`) };
  }
  const given = type === `${CORE}PodSpec` ? podSpecFields(value) : value;
  const order = ORDER[type];
  const fields = order ? order.map((name) => fieldOf(type, name)) : schemaOf(type).fields;
  const shown: Record<string, unknown> = {};
  for (const field of fields) {
    if (field !== undefined) shown[goName(field.name)] = internalField(given[field.name], field);
  }
  return shown;
}

/** What is the pod's in the API lies in its security context inside. */
const MOVED = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const;

function podSpecFields(spec: Fields): Fields {
  const moved = Object.fromEntries(MOVED.map((name) => [name, spec[name]]));
  return {
    ...spec,
    securityContext: { ...moved, ...(isFields(spec['securityContext']) ? spec['securityContext'] : {}) },
  };
}

function fieldOf(type: string, name: string): FieldSchema | undefined {
  const home = (MOVED as readonly string[]).includes(name) ? `${CORE}PodSpec` : type;
  return schemaOf(home).field(name);
}

function internalField(value: unknown, field: FieldSchema): unknown {
  const { shape, pointer } = field;
  if (value === undefined || value === null) {
    if (pointer || shape.is === 'list' || shape.is === 'map' || shape.is === 'bytes' || shape.is === 'any') return null;
    if (shape.is === 'object') return internalValue({}, shape.type.name);
    return zeroOf(shape);
  }
  return internalShape(value, shape);
}

function internalShape(value: unknown, shape: Shape): unknown {
  if (shape.is === 'object') return internalValue(value, shape.type.name);
  if (shape.is === 'list' && Array.isArray(value)) return value.map((item) => internalShape(item, shape.of));
  if (shape.is === 'map' && isFields(value)) {
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, internalShape(value[key], shape.of)]),
    );
  }
  return value;
}

function zeroOf({ is }: Shape): unknown {
  if (is === 'bool') return false;
  if (is === 'int32' || is === 'int64' || is === 'double' || is === 'intOrString') return 0;
  if (is === 'quantity') return '0';
  return is === 'time' || is === 'microTime' ? null : '';
}

/** Words that Go writes in capitals. */
const INITIALISMS: Readonly<Record<string, string>> = {
  api: 'API',
  aws: 'AWS',
  ceph: 'Ceph',
  csi: 'CSI',
  dns: 'DNS',
  fc: 'FC',
  fs: 'FS',
  gce: 'GCE',
  gmsa: 'GMSA',
  grpc: 'GRPC',
  http: 'HTTP',
  ip: 'IP',
  iscsi: 'ISCSI',
  nfs: 'NFS',
  os: 'OS',
  pd: 'PD',
  rbd: 'RBD',
  se: 'SE',
  tcp: 'TCP',
  tls: 'TLS',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
};
const IRREGULAR: Readonly<Record<string, string>> = {
  cephfs: 'CephFS',
  storageos: 'StorageOS',
  seLinuxOptions: 'SELinuxOptions',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
};

/** `dnsPolicy` is `DNSPolicy`, `hostIP` `HostIP`. */
function goName(name: string): string {
  const irregular = IRREGULAR[name];
  if (irregular !== undefined) return irregular;
  const head = /^[a-z]+/.exec(name)?.[0] ?? '';
  const known = INITIALISMS[head];
  return (known ?? head.charAt(0).toUpperCase() + head.slice(1)) + name.slice(head.length);
}

/** Where the internal struct has another order than the versioned one (pkg/apis/core/types.go). */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  [`${CORE}PodSpec`]: [
    'volumes',
    'initContainers',
    'containers',
    'ephemeralContainers',
    'restartPolicy',
    'terminationGracePeriodSeconds',
    'activeDeadlineSeconds',
    'dnsPolicy',
    'nodeSelector',
    'serviceAccountName',
    'automountServiceAccountToken',
    'nodeName',
    'securityContext',
    'imagePullSecrets',
    'hostname',
    'subdomain',
    'setHostnameAsFQDN',
    'affinity',
    'schedulerName',
    'tolerations',
    'hostAliases',
    'priorityClassName',
    'priority',
    'preemptionPolicy',
    'dnsConfig',
    'readinessGates',
    'runtimeClassName',
    'overhead',
    'enableServiceLinks',
    'topologySpreadConstraints',
    'os',
    'schedulingGates',
    'resourceClaims',
    'resources',
    'hostnameOverride',
    'schedulingGroup',
  ],
  [`${CORE}PodSecurityContext`]: [
    'hostNetwork',
    'hostPID',
    'hostIPC',
    'shareProcessNamespace',
    'hostUsers',
    'seLinuxOptions',
    'windowsOptions',
    'runAsUser',
    'runAsGroup',
    'runAsNonRoot',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
    'seccompProfile',
    'appArmorProfile',
    'seLinuxChangePolicy',
  ],
  [`${CORE}Volume`]: [
    'name',
    'hostPath',
    'emptyDir',
    'gcePersistentDisk',
    'awsElasticBlockStore',
    'gitRepo',
    'secret',
    'nfs',
    'iscsi',
    'glusterfs',
    'persistentVolumeClaim',
    'rbd',
    'quobyte',
    'flexVolume',
    'cinder',
    'cephfs',
    'flocker',
    'downwardAPI',
    'fc',
    'azureFile',
    'configMap',
    'vsphereVolume',
    'azureDisk',
    'photonPersistentDisk',
    'projected',
    'portworxVolume',
    'scaleIO',
    'storageos',
    'csi',
    'ephemeral',
    'image',
  ],
};
