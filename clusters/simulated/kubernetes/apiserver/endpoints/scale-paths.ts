import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';

type Fields = Record<string, unknown>;

/** Where a kind keeps its replicas. Custom resources say it in their definition. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[] | undefined;
}

const BUILT_IN: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

const customPaths = new WeakMap<Resource, ScalePaths>();

/** Tells where the custom resource of that row keeps its replicas. */
export const setScalePaths = (row: Resource, paths: ScalePaths): void => void customPaths.set(row, paths);

/** Those of a row; the built-in kinds all have the same. */
export const scalePathsOf = (row: Resource): ScalePaths => customPaths.get(row) ?? BUILT_IN;

/** The value at a path; undefined where it leads nowhere. */
export function readAt(object: KubeObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = (value as Fields | undefined | null)?.[name];
  return value;
}

export function putReplicas(object: KubeObject, { spec: path }: ScalePaths, value: number): void {
  let parent = object as Fields;
  for (const name of path.slice(0, -1)) parent = (parent[name] ??= {}) as Fields;
  parent[path.at(-1)!] = value;
}
