import type { ProjectedVolumeSource, VolumeProjection } from '../../../model/generated/objects.ts';
import { forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { validateUnreservedPath } from '../paths.ts';
import { validateDownwardFile, validateItems, validateMode } from './volume-items.ts';

const SHORTEST_TOKEN_SECONDS = 600;
const LONGEST_TOKEN_SECONDS = 2 ** 32;
const KINDS = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const;

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
    validateItems(source.items, `${at}.${kind}`, found);
    for (const { path } of source.items ?? []) take(path, source.name);
  }
  for (const file of projection.downwardAPI?.items ?? []) {
    validateDownwardFile(file, `${at}.downwardAPI`, found);
    take(file.path, file.path);
  }
  const { serviceAccountToken: token, clusterTrustBundle: bundle } = projection;
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
  if (bundle) {
    const where = `${at}.clusterTrustBundle`;
    if (bundle.name !== undefined && bundle.signerName !== undefined) {
      found.push(invalid(where, bundle, 'only one of name and signerName may be used'));
    } else if (bundle.name !== undefined) {
      if (bundle.name === '') found.push(required(`${where}.name`, 'must be a valid object name'));
      if (bundle.labelSelector) {
        found.push(
          invalid(`${where}.labelSelector`, bundle.labelSelector, 'labelSelector must be unset if name is specified'),
        );
      }
    } else if (bundle.signerName !== undefined) {
      if (bundle.signerName === '') found.push(required(`${where}.signerName`, 'must be a valid signer name'));
      validateLabelSelector(bundle.labelSelector, `${where}.labelSelector`, found);
    } else {
      found.push(required(where, 'either name or signerName must be specified'));
    }
    if (!bundle.path) found.push(required(`${where}.path`));
    validateUnreservedPath(bundle.path ?? '', `${where}.path`, found);
    take(bundle.path, bundle.path);
  }
}
