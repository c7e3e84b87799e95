import { notSupported, type Findings } from '../field-errors.ts';
import { isHugePages, validateResourceName } from '../resource-names.ts';

const SUPPORTED = ['cpu', 'hugepages-', 'memory'];

/** validatePodResourceName: resources that a pod as a whole may ask for. */
export function validatePodResourceName(name: string, field: string, found: Findings): void {
  if (!validateResourceName(name, field, found)) return;
  if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) found.push(notSupported(field, name, SUPPORTED));
}
