import type { KubeObject } from '../../object.ts';
import { nameSuffix, type Randomness } from '../../randomness.ts';
import { references } from '../../authorization/pod-references.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid, isPodRequest } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const MIRROR = 'kubernetes.io/config.mirror';
/** Seconds; the kubelet's tokens are recognised by it (see TokenIssuer). */
const TOKEN_SECONDS = 3607;

interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
}
interface Container {
  volumeMounts?: Mount[];
}
interface Spec {
  serviceAccountName?: string;
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name?: string }[];
  volumes?: { name: string; projected?: { sources?: { serviceAccountToken?: unknown }[] } }[];
  containers?: Container[];
  initContainers?: Container[];
}
interface Account extends KubeObject {
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name?: string }[];
  secrets?: { name?: string }[];
}

/** plugin/pkg/admission/serviceaccount/admission.go */
export function serviceAccount(randomness: Randomness): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    mutate(request, cluster) {
      if (!concerns(request)) return;
      const spec = (request.object?.['spec'] ?? {}) as Spec;
      if (request.object?.metadata.annotations?.[MIRROR] !== undefined) {
        refuseMirror(request, spec);
        return;
      }
      if ((spec.serviceAccountName ?? '') === '') spec.serviceAccountName = 'default';
      const account = accountOf(request, cluster, spec.serviceAccountName ?? '');
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
        mountToken(spec, randomness);
      if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
        spec.imagePullSecrets = structuredClone(account.imagePullSecrets ?? []);
      }
    },
    validate(request, cluster) {
      if (!concerns(request) || request.object === undefined) return;
      const spec = (request.object['spec'] ?? {}) as Spec;
      if (request.object.metadata.annotations?.[MIRROR] !== undefined) {
        refuseMirror(request, spec);
        return;
      }
      const account = accountOf(request, cluster, spec.serviceAccountName ?? '');
      if (account.metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] === 'true')
        limitSecrets(request, account);
    },
  };
}

const concerns = (request: AdmissionRequest): boolean =>
  isPodRequest(request) && request.operation === 'CREATE' && request.subresource === '';

function accountOf(request: AdmissionRequest, cluster: Cluster, name: string): Account {
  const account = cluster.get(cluster.resource('serviceaccounts'), request.namespace, name);
  if (account !== undefined) return account;
  throw forbid(
    request,
    `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

function refuseMirror(request: AdmissionRequest, spec: Spec): void {
  if ((spec.serviceAccountName ?? '') !== '') throw forbid(request, 'a mirror pod may not reference service accounts');
  const object = request.object;
  if (object !== undefined && references(object).some(({ kind }) => kind === 'Secret')) {
    throw forbid(request, 'a mirror pod may not reference secrets');
  }
  for (const { projected } of spec.volumes ?? []) {
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) === true) {
      throw forbid(request, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  }
}

function mountToken(spec: Spec, randomness: Randomness): void {
  const taken = new Set((spec.volumes ?? []).map(({ name }) => name));
  const existing = [...taken].find((name) => name.startsWith(VOLUME_PREFIX));
  const name = existing ?? VOLUME_PREFIX + nameSuffix(randomness);
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if ((container.volumeMounts ?? []).some(({ mountPath }) => mountPath === MOUNT_PATH)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
    needed = true;
  }
  if (!needed || existing !== undefined) return;
  const volume = {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
  spec.volumes = [...(spec.volumes ?? []), volume];
}

function limitSecrets(request: AdmissionRequest, account: Account): void {
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  const object = request.object;
  if (object === undefined) return;
  const pulls = new Set(((object['spec'] as Spec).imagePullSecrets ?? []).map(({ name }) => name));
  for (const { kind, name } of references(object)) {
    if (kind !== 'Secret') continue;
    if (pulls.has(name) ? !pullable.has(name) : !mountable.has(name)) {
      const what = pulls.has(name) ? 'imagePullSecrets' : 'volume with secret.secretName=';
      throw forbid(
        request,
        pulls.has(name)
          ? `${what}[0].name="${name}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`
          : `${what}"${name}" is not allowed because service account ${account.metadata.name} does not reference that secret`,
      );
    }
  }
}
