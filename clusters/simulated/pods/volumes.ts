import { createHash } from 'node:crypto';
import type { Container, KeyToPath, Pod, Volume, VolumeProjection } from '../kubernetes/model/generated/objects.ts';
import { parseQuantity } from '../kubernetes/model/quantity.ts';
import { expand } from './environment.ts';
import { fieldValue, resourceValue } from './field-reference.ts';
import { nodePathsOf } from './node-paths.ts';
import type { LaunchMount, VolumeEntry } from './sandbox.ts';
import type { PodSources } from './sources.ts';

/** Files of a volume that the kubelet keeps up to date, by path. `owner` is a user other than root. */
export type Payload = Map<string, { readonly data: Buffer; readonly mode: number; readonly owner?: number }>;

const DEFAULT_MODE = 0o644;

/** The folder that `..data` points to, whose name the kubelet takes from the time it is written. */
const version = (now: number): string =>
  `..${new Date(now).toISOString().replace(/[-:]/g, '_').replace('T', '_').replace('Z', '')}`;

export interface PodVolumes {
  readonly entries: readonly VolumeEntry[];
  /** What the files of those that the server writes are made from, to find out whether they have changed. */
  readonly digest: string;
  /** Paths of the node, by volume. */
  readonly paths: ReadonlyMap<string, string>;
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
  const digest = createHash('sha256');
  const group = pod.spec.securityContext?.fsGroup;
  const paths = new Map(nodePathsOf(pod, sources).map(({ volume, path }) => [volume, path]));
  for (const volume of pod.spec.volumes ?? []) {
    if (paths.has(volume.name)) continue;
    const payload = await payloadOf(pod, volume, sources);
    if (payload === undefined) {
      const mode = group === undefined ? 0o777 : 0o2777;
      entries.push(
        volume.emptyDir?.medium === 'Memory'
          ? { kind: 'memory', path: volume.name, mode, bytes: sizeInMemory(pod, volume.emptyDir.sizeLimit) }
          : { kind: 'folder', path: volume.name, mode, data: '' },
      );
      if (group !== undefined) entries.push({ kind: 'owner', path: volume.name, uid: 0, gid: group });
      continue;
    }
    const folder = version(now);
    written.set(volume.name, folder);
    entries.push({ kind: 'folder', path: volume.name, mode: group === undefined ? 0o755 : 0o2755, data: '' });
    entries.push(...atomically(volume.name, folder, payload, group));
    // Each token is another; it is told by its path alone, and replaced in its own time.
    for (const [path, { data, mode, owner }] of payload)
      digest.update(JSON.stringify([volume.name, path, mode, owner === undefined ? data.toString('base64') : '']));
  }
  return { entries, written, paths, digest: digest.digest('hex') };
}

/** The most that a lab gives; bytes. */
const MAX_IN_MEMORY = 48 * 2 ** 20;

/** What a volume in memory holds: its limit, and no more than the pod's containers may have together (pkg/volume/emptydir). */
function sizeInMemory({ spec }: Pod, sizeLimit: string | undefined): number {
  const limits = (spec.containers ?? []).map(({ resources }) => resources?.limits?.['memory']);
  const ofPod = limits.every((limit) => limit !== undefined)
    ? limits.reduce((sum, limit) => sum + bytesOf(limit), 0)
    : Infinity;
  const own = sizeLimit === undefined ? 0 : bytesOf(sizeLimit);
  return Math.min(own > 0 ? own : Infinity, ofPod, MAX_IN_MEMORY);
}

function bytesOf(quantity: string): number {
  const { unscaled, scale } = parseQuantity(quantity);
  return Math.ceil(Number(unscaled) * 10 ** scale);
}

/** What brings the volumes of a running pod from one state to the next: new files, then the old ones' end. */
export function refreshed(before: PodVolumes, now: PodVolumes): readonly VolumeEntry[] {
  const old = [...before.written].filter(([volume, folder]) => now.written.get(volume) !== folder);
  return [
    ...now.entries.filter(({ path }) => now.written.has(path.split('/')[0] ?? '') && path.includes('/')),
    ...old.map(([volume, folder]) => ({ kind: 'gone' as const, path: `${volume}/${folder}` })),
  ];
}

function atomically(volume: string, folder: string, payload: Payload, group: number | undefined): VolumeEntry[] {
  // Who is given a volume by its group may read all of it (pkg/volume/volume_linux.go SetVolumeOwnership).
  const files = [...payload].flatMap(([path, { data, mode, owner }]): VolumeEntry[] => {
    const at = `${volume}/${folder}/${path}`;
    const uid = owner ?? 0;
    return [
      { kind: 'file', path: at, mode: group === undefined ? mode : mode | 0o440, data },
      ...(uid === 0 && group === undefined ? [] : [{ kind: 'owner' as const, path: at, uid, gid: group ?? 0 }]),
    ];
  });
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

/** The files of a volume that the kubelet keeps; undefined for one that containers write to. Throws as `volumesOf`. */
export async function payloadOf(pod: Pod, volume: Volume, sources: PodSources): Promise<Payload | undefined> {
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
    // Only whoever the containers run as may read it, if they all run as the same (pkg/volume/projected/projected.go).
    const owner = onlyUser(pod);
    return new Map([
      [
        path,
        owner === undefined
          ? { data: Buffer.from(token), mode: defaultMode }
          : { data: Buffer.from(token), mode: 0o600, owner },
      ],
    ]);
  }
  throw new Error(`not simulated: ${Object.keys(others).join(', ')} in a projected volume`);
}

/** The user all of a pod's containers run as, where they say so and it is one (pkg/kubelet/util/fs FsUserFrom). */
function onlyUser({ spec }: Pod): number | undefined {
  const users = new Set(
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
      ({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
    ),
  );
  const [user] = users;
  return users.size === 1 ? user : undefined;
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
  { written, paths }: PodVolumes,
  env: Readonly<Record<string, string>>,
): LaunchMount[] {
  const byDepth = (a: LaunchMount, b: LaunchMount): number => a.target.split('/').length - b.target.split('/').length;
  return (container.volumeMounts ?? [])
    .filter(({ name }) => (pod.spec.volumes ?? []).some((volume) => volume.name === name))
    .map(({ name, mountPath, subPath, subPathExpr, readOnly }): LaunchMount => {
      const beneath = subPath ?? expand(subPathExpr ?? '', env);
      const target = mountPath.startsWith('/') ? mountPath : `/${mountPath}`;
      const path = paths.get(name);
      if (path !== undefined)
        return { node: pod.spec.nodeName ?? '', source: path, subPath: beneath, target, readOnly: readOnly === true };
      const folder = written.get(name);
      return {
        source: folder === undefined || beneath === '' ? name : `${name}/${folder}`,
        subPath: beneath,
        target,
        readOnly: readOnly === true || folder !== undefined,
      };
    })
    .sort(byDepth);
}
