import { invalid, type Findings } from './field-errors.ts';

/** validatePathNoBacksteps: one finding is enough, even for `../../..`. */
export function validateNoBacksteps(path: string, field: string, found: Findings): void {
  if (path.split('/').includes('..')) found.push(invalid(field, path, "must not contain '..'"));
}

/** validateLocalDescendingPath: relative, never upwards. */
export function validateDescendingPath(path: string, field: string, found: Findings): void {
  if (path.startsWith('/')) found.push(invalid(field, path, 'must be a relative path'));
  validateNoBacksteps(path, field, found);
}

/** ValidateLocalNonReservedPath: names that begin with two dots belong to the kubelet. */
export function validateUnreservedPath(path: string, field: string, found: Findings): void {
  validateDescendingPath(path, field, found);
  if (path.startsWith('..') && !path.startsWith('../')) found.push(invalid(field, path, "must not start with '..'"));
}
