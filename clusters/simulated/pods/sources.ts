import type {
  ConfigMap,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
} from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';

/** What a kubelet looks up to make a pod's environment and volumes. */
export interface PodSources {
  configMap(namespace: string, name: string): ReadonlyMap<string, Buffer> | undefined;
  secret(namespace: string, name: string): ReadonlyMap<string, Buffer> | undefined;
  services(namespace: string): readonly Service[];
  node(name: string): Node | undefined;
  /** The volume that a claim is bound to. */
  boundVolume(namespace: string, claim: string): PersistentVolume | undefined;
  /** A token of the pod's ServiceAccount, bound to the pod; rejects with the API server's words. */
  token(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string>;
}

/** Reads the store; tokens are asked of whoever issues them. */
export function sourcesOf(cluster: Cluster, token: PodSources['token']): PodSources {
  const get = (plural: string, namespace: string, name: string) =>
    cluster.get(cluster.resource(plural), namespace, name);
  return {
    configMap(namespace, name) {
      const found: ConfigMap | undefined = get('configmaps', namespace, name);
      if (found === undefined) return undefined;
      const text = Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
      return new Map([...text, ...decoded(found.binaryData)]);
    },
    secret(namespace, name) {
      const found: Secret | undefined = get('secrets', namespace, name);
      return found === undefined ? undefined : new Map(decoded(found.data));
    },
    services: (namespace) => cluster.list(cluster.resource('services'), namespace) as readonly Service[],
    boundVolume(namespace, claim) {
      const { spec } = (get('persistentvolumeclaims', namespace, claim) ?? {}) as Partial<PersistentVolumeClaim>;
      return spec?.volumeName === undefined
        ? undefined
        : (get('persistentvolumes', '', spec.volumeName) as PersistentVolume | undefined);
    },
    node: (name) => get('nodes', '', name) as Node | undefined,
    token,
  };
}

const decoded = (data: Readonly<Record<string, string>> | undefined): (readonly [string, Buffer])[] =>
  Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
