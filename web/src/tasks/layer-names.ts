import type { FourC } from '../../../protocol/scenario.ts';

/** What the 4 Cs are called on the page. */
export const LAYER_NAMES: Record<FourC, string> = {
  cloud: 'Cloud',
  cluster: 'Cluster',
  container: 'Container',
  code: 'Code',
};
