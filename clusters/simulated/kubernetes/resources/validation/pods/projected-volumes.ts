import type { ProjectedVolumeSource, VolumeProjection } from '../../../model/generated/objects.ts';
import { forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { validateUnreservedPath } from '../paths.ts';
import { validateDownwardFile, validateItems, validateMode } from './volume-items.ts';

const SHORTEST_TOKEN_SECONDS = 600;
const LONGEST_TOKEN_SECONDS = 2 ** 32;
/** Those that are served; the others are dropped before (defaults/disabled-fields.ts). */
const KINDS = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const;

/** validateProjectedVolumeSource of pkg/apis/core/validation. */
export function validateProjected(source: ProjectedVolumeSource, path: string, found: Findings): void {
  validateMode(source.defaultMode, `${path}.defaultMode`, found);
  const paths = new Set<string>();
  for (const [i, projection] of (source.sources ?? []).entries()) {
    const at = `${path}.sources[${i}]`;
    validateProjection(projection, { at, volume: path, paths }, found);
    if (KINDS.filter((kind) => projection[kind] !== undefined).length > 1) {
      found.push(forbidden(at, 'may not specify more than 1 volume type per source'));
    }
  }
}

interface Place {
  readonly at: string;
  /** Clashes are reported on the whole volume. */
  readonly volume: string;
  /** Every path that the volume has so far. */
  readonly paths: Set<string>;
}

function validateProjection(projection: VolumeProjection, { at, volume, paths }: Place, found: Findings): void {
  const take = (path: string | undefined, shown: string | undefined): void => {
    if (!path) return;
    if (paths.has(path)) found.push(invalid(volume, shown, 'conflicting duplicate paths'));
    paths.add(path);
  };
  for (const kind of ['secret', 'configMap'] as const) {
    const source = projection[kind];
    if (!source) continue;
    if (!source.name) found.push(required(`${at}.${kind}.name`));
    validateItems(source.items, `${at}.${kind}`, found, (path) => take(path, source.name ?? ''));
  }
  for (const file of projection.downwardAPI?.items ?? []) {
    validateDownwardFile(file, `${at}.downwardAPI`, found);
    take(file.path, file.path);
  }
  const { serviceAccountToken: token } = projection;
  if (token) {
    const seconds = token.expirationSeconds ?? 0;
    const field = `${at}.serviceAccountToken.expirationSeconds`;
    if (seconds < SHORTEST_TOKEN_SECONDS) {
      found.push(invalid(field, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds > LONGEST_TOKEN_SECONDS) {
      found.push(invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
    }
    if (!token.path) found.push(required(`${volume}.path`));
    else validateUnreservedPath(token.path, `${volume}.path`, found);
  }
}
