import type { Admission } from '../../admission/chain.ts';
import type { UserInfo } from '../../authentication/user.ts';
import type { Clock } from '../../../clock.ts';
import type { Randomness } from '../../randomness.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { Store } from '../../store/store.ts';
import type { StrategyContext } from '../../resources/resource.ts';
import type { RowTable } from './rows.ts';

/** What the write path works with; the admission chain changes when the API server restarts with other flags. */
export interface Registry {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly rows: RowTable;
  /** The in-process face of this registry, for strategies that look around. */
  readonly cluster: Cluster;
  /** Undefined while the API server is down: only the cluster's own parts write then. */
  admission: Admission | undefined;
}

/** Who writes, and how. */
export interface WriteContext {
  readonly user: UserInfo;
  /** Manager name for managedFields; the first word of the user agent unless the client says. */
  readonly fieldManager: string;
  readonly dryRun: boolean;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions for admission. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Empty for the resource itself. */
  readonly subresource: string;
  readonly warn: (text: string) => void;
  readonly annotate: (key: string, value: string) => void;
}

export const strategyContext = ({ clock, cluster }: Registry, { subresource }: WriteContext): StrategyContext => ({
  clock,
  cluster,
  subresource,
});
