import type { Resource } from './resource.ts';
import { ACCESS_ROWS } from './rows/access.ts';
import { CLUSTER_ROWS } from './rows/cluster.ts';
import { CORE_ROWS } from './rows/core.ts';
import { EXTENSION_ROWS } from './rows/extension.ts';
import { NETWORKING_ROWS } from './rows/networking.ts';
import { STORAGE_ROWS } from './rows/storage.ts';
import { WORKLOAD_ROWS } from './rows/workloads.ts';

const BUILT_IN: readonly Resource[] = Object.freeze([
  ...CORE_ROWS,
  ...WORKLOAD_ROWS,
  ...NETWORKING_ROWS,
  ...ACCESS_ROWS,
  ...STORAGE_ROWS,
  ...EXTENSION_ROWS,
  ...CLUSTER_ROWS,
]);

/** The rows that every cluster serves: the GA API of Kubernetes 1.36 without resource.k8s.io and storagemigration.k8s.io. Shared, frozen. */
export const builtInResources = (): readonly Resource[] => BUILT_IN;
