import type { DownwardAPIVolumeFile, KeyToPath } from '../../../model/generated/objects.ts';
import { invalid, required, type Findings } from '../field-errors.ts';
import { validateUnreservedPath } from '../paths.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';

const WRONG_MODE = 'must be a number between 0 and 0777 (octal), both inclusive';

/** The mode of files in a volume. */
export function validateMode(mode: number | undefined, field: string, found: Findings): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) found.push(invalid(field, mode, WRONG_MODE));
}

/** validateKeyToPath, for each. `each` looks at a path after that. */
export function validateItems(
  items: readonly KeyToPath[] | undefined,
  path: string,
  found: Findings,
  each?: (path: string) => void,
): void {
  for (const [i, { key, path: to = '', mode }] of (items ?? []).entries()) {
    const at = `${path}.items[${i}]`;
    if (!key) found.push(required(`${at}.key`));
    if (!to) found.push(required(`${at}.path`));
    validateUnreservedPath(to, `${at}.path`, found);
    validateMode(mode, `${at}.mode`, found);
    each?.(to);
  }
}

const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** validateDownwardAPIVolumeFile. Upstream's path has no index. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string, found: Findings): void {
  const { path: to = '', fieldRef, resourceFieldRef, mode } = file as Partial<DownwardAPIVolumeFile>;
  if (!to) found.push(required(`${path}.path`));
  validateUnreservedPath(to, `${path}.path`, found);
  if (fieldRef) {
    validateFieldRef(fieldRef, VOLUME_FIELDS, `${path}.fieldRef`, found);
    if (resourceFieldRef) {
      found.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    }
  } else if (resourceFieldRef) {
    validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, found, true);
  } else {
    found.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  validateMode(mode, `${path}.mode`, found);
}
