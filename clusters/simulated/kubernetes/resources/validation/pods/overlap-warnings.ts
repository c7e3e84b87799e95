import type { Volume, VolumeProjection } from '../../../model/generated/objects.ts';

/** A file that a volume gets, and where from. */
interface Placed {
  readonly path: string;
  /** `ConfigMap "a"`; empty where the volume has one source. */
  readonly source: string;
}

/** warningsForOverlappingVirtualPaths of pkg/api/pod/warnings.go: files of one volume that are in each other's way. */
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const called = `volume ${JSON.stringify(name)}`;
    const files = (items: readonly { path: string }[] | undefined): Placed[] =>
      (items ?? []).map(({ path }) => ({ path, source: '' }));
    return [
      ...overlaps(files(configMap?.items), `${called} (ConfigMap ${JSON.stringify(configMap?.name ?? '')})`),
      ...overlaps(files(secret?.items), `${called} (Secret ${JSON.stringify(secret?.secretName ?? '')})`),
      ...overlaps(files(downwardAPI?.items), `${called} (DownwardAPI)`),
      ...projectedWarnings(projected?.sources ?? [], `${called} (Projected)`),
    ];
  });
}

function projectedWarnings(sources: readonly VolumeProjection[], volume: string): string[] {
  const empty = sources.flatMap((source) =>
    Object.values(source).some((value) => value !== undefined) ? [] : [`${volume} has no sources provided`],
  );
  return [...empty, ...overlaps(sources.flatMap(filesOf), volume)];
}

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): Placed[] {
  const placed = (items: readonly { path: string }[] | undefined, source: string): Placed[] =>
    (items ?? []).map(({ path }) => ({ path, source }));
  if (configMap?.items) return placed(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return placed(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return placed(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }] : [];
}

/** Each file with those before it. */
function overlaps(files: readonly Placed[], volume: string): string[] {
  const shown = ({ path, source }: Placed): string =>
    `${JSON.stringify(trimmed(path))}${source === '' ? '' : ` (${source})`}`;
  return files.flatMap((file, i) =>
    files
      .slice(0, i)
      .filter((other) => collide(trimmed(file.path), trimmed(other.path)))
      .map((other) => `${volume}: overlapping paths: ${shown(file)} with ${shown(other)}`),
  );
}

const trimmed = (path: string): string => path.replace(/\/+$/, '');

/** The same file, or one where the other needs a directory. */
const collide = (a: string, b: string): boolean =>
  a !== '' && b !== '' && (a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`));
