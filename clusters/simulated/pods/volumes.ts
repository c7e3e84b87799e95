import type { Container, KeyToPath, Pod, Volume, VolumeProjection } from '../kubernetes/model/generated/objects.ts';
import { expand } from './environment.ts';
import { fieldValue, resourceValue } from './field-reference.ts';
import type { LaunchMount, VolumeEntry } from './sandbox.ts';
import type { PodSources } from './sources.ts';

/** Files of a volume that the kubelet keeps up to date, by path. */
type Payload = Map<string, { readonly data: Buffer; readonly mode: number }>;

const DEFAULT_MODE = 0o644;

/** The folder that `..data` points to, whose name the kubelet takes from the time it is written. */
const version = (now: number): string =>
  `..${new Date(now).toISOString().replace(/[-:]/g, '_').replace('T', '_').slice(0, 19)}.000`;

export interface PodVolumes {
  readonly entries: readonly VolumeEntry[];
  /** The folder that holds a volume's files, by volume; only those that the server writes have one. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * Every volume of a pod as files (pkg/volume/util/atomic_writer.go: a folder of a time, `..data` to it, and a link a name).
 * What has no model here is an error in words. `now` in milliseconds. Throws `Error`.
 */
export async function volumesOf(pod: Pod, sources: PodSources, now: number): Promise<PodVolumes> {
  const entries: VolumeEntry[] = [];
  const written = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const payload = await payloadOf(pod, volume, sources);
    entries.push({ kind: 'folder', path: volume.name, mode: payload === undefined ? 0o777 : 0o755, data: '' });
    if (payload === undefined) continue;
    const folder = version(now);
    written.set(volume.name, folder);
    entries.push(...atomically(volume.name, folder, payload));
  }
  return { entries, written };
}

function atomically(volume: string, folder: string, payload: Payload): VolumeEntry[] {
  const files = [...payload].map(([path, { data, mode }]): VolumeEntry => ({
    kind: 'file',
    path: `${volume}/${folder}/${path}`,
    mode,
    data,
  }));
  const tops = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  return [
    { kind: 'folder', path: `${volume}/${folder}`, mode: 0o755, data: '' },
    ...files,
    { kind: 'link', path: `${volume}/..data`, mode: 0, data: folder },
    ...[...tops].map((top): VolumeEntry => ({
      kind: 'link',
      path: `${volume}/${top}`,
      mode: 0,
      data: `..data/${top}`,
    })),
  ];
}

async function payloadOf(pod: Pod, volume: Volume, sources: PodSources): Promise<Payload | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  const namespace = pod.metadata.namespace ?? '';
  if (volume.emptyDir !== undefined) return undefined;
  if (configMap !== undefined) {
    const data = sources.configMap(namespace, configMap.name ?? '');
    return picked(data, configMap, `configmap "${configMap.name ?? ''}" not found`);
  }
  if (secret !== undefined) {
    const data = sources.secret(namespace, secret.secretName ?? '');
    return picked(data, secret, `secret "${secret.secretName ?? ''}" not found`);
  }
  if (downwardAPI !== undefined) return downward(pod, downwardAPI, sources);
  if (projected !== undefined) {
    const mode = projected.defaultMode ?? DEFAULT_MODE;
    const parts = await Promise.all((projected.sources ?? []).map((part) => projection(pod, part, mode, sources)));
    return new Map(parts.flatMap((part) => [...part]));
  }
  if (volume.persistentVolumeClaim !== undefined) return undefined; // a folder of the pod's own: kept as long as the pod
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  if (kind === 'emptyDir') return undefined;
  throw new Error(`not simulated: ${kind} volumes`);
}

async function projection(
  pod: Pod,
  { configMap, secret, downwardAPI, serviceAccountToken, ...others }: VolumeProjection,
  defaultMode: number,
  sources: PodSources,
): Promise<Payload> {
  const namespace = pod.metadata.namespace ?? '';
  if (configMap !== undefined) {
    const data = sources.configMap(namespace, configMap.name ?? '');
    return picked(data, { defaultMode, ...configMap }, `configmap "${configMap.name ?? ''}" not found`);
  }
  if (secret !== undefined) {
    const data = sources.secret(namespace, secret.name ?? '');
    return picked(data, { defaultMode, ...secret }, `secret "${secret.name ?? ''}" not found`);
  }
  if (downwardAPI !== undefined) return downward(pod, { defaultMode, ...downwardAPI }, sources);
  if (serviceAccountToken !== undefined) {
    const { path, audience, expirationSeconds = 3600 } = serviceAccountToken;
    const token = await sources.token(pod, audience, expirationSeconds);
    return new Map([[path, { data: Buffer.from(token), mode: defaultMode }]]);
  }
  throw new Error(`not simulated: ${Object.keys(others).join(', ')} in a projected volume`);
}

function picked(
  data: ReadonlyMap<string, Buffer> | undefined,
  source: { readonly items?: readonly KeyToPath[] | null; readonly defaultMode?: number; readonly optional?: boolean },
  missing: string,
): Payload {
  if (data === undefined) {
    if (source.optional === true) return new Map();
    throw new Error(missing);
  }
  const mode = source.defaultMode ?? DEFAULT_MODE;
  if ((source.items ?? []).length === 0) return new Map([...data].map(([key, value]) => [key, { data: value, mode }]));
  const payload: Payload = new Map();
  for (const item of source.items ?? []) {
    const value = data.get(item.key);
    if (value !== undefined) payload.set(item.path, { data: value, mode: item.mode ?? mode });
    else if (source.optional !== true) throw new Error(`references non-existent config key: ${item.key}`);
  }
  return payload;
}

function downward(pod: Pod, { items, defaultMode }: NonNullable<Volume['downwardAPI']>, sources: PodSources): Payload {
  const value = ({ fieldRef, resourceFieldRef }: NonNullable<typeof items>[number]): string => {
    if (fieldRef !== undefined) return fieldValue(pod, fieldRef);
    const [container] = pod.spec.containers ?? [];
    return resourceFieldRef === undefined || container === undefined
      ? ''
      : resourceValue(pod, container, resourceFieldRef, sources);
  };
  return new Map(
    (items ?? []).map((item) => [
      item.path,
      { data: Buffer.from(value(item)), mode: item.mode ?? defaultMode ?? DEFAULT_MODE },
    ]),
  );
}

/** The volume mounts of a container, outermost first. */
export function mountsOf(
  pod: Pod,
  container: Container,
  { written }: PodVolumes,
  env: Readonly<Record<string, string>>,
): LaunchMount[] {
  const byDepth = (a: LaunchMount, b: LaunchMount): number => a.target.split('/').length - b.target.split('/').length;
  return (container.volumeMounts ?? [])
    .filter(({ name }) => (pod.spec.volumes ?? []).some((volume) => volume.name === name))
    .map(({ name, mountPath, subPath, subPathExpr, readOnly }): LaunchMount => {
      const beneath = subPath ?? expand(subPathExpr ?? '', env);
      const folder = written.get(name);
      return {
        source: folder === undefined || beneath === '' ? name : `${name}/${folder}`,
        subPath: beneath,
        target: mountPath.startsWith('/') ? mountPath : `/${mountPath}`,
        readOnly: readOnly === true || folder !== undefined,
      };
    })
    .sort(byDepth);
}
