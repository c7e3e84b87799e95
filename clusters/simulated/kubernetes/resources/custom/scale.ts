import type { KubeObject } from '../../object.ts';
import { invalid, type Findings } from '../validation/field-errors.ts';
import { isFields } from './schema.ts';

export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

const MOST = 2_147_483_647;

/** validateScaleSpec of apiextensions-apiserver/pkg/registry/customresource/validator.go */
export const checkScaleSpec = (object: KubeObject, { specReplicasPath }: ScalePaths, found: Findings): void =>
  checkCount(object, specReplicasPath, found);

/** validateScaleStatus */
export function checkScaleStatus(object: KubeObject, paths: ScalePaths, found: Findings): void {
  checkCount(object, paths.statusReplicasPath, found);
  const path = paths.labelSelectorPath;
  if (!path) return;
  const value = valueAt(object, path);
  if (value !== undefined && typeof value !== 'string') found.push(mistyped(path, '', value, 'string'));
}

function checkCount(object: KubeObject, path: string, found: Findings): void {
  const value = valueAt(object, path);
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isInteger(value)) found.push(mistyped(path, 0, value, 'int64'));
  else if (value < 0) found.push(invalid(path, value, 'should be a non-negative integer'));
  else if (value > MOST) found.push(invalid(path, value, `should be less than or equal to ${MOST}`));
}

function valueAt(object: KubeObject, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split('.').filter((part) => part !== '')) value = isFields(value) ? value[name] : undefined;
  return value;
}

const mistyped = (path: string, shown: unknown, value: unknown, wanted: string): Findings[number] =>
  invalid(path, shown, `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${wanted}`);

const goText = (value: unknown): string =>
  value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value);

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value;
}
