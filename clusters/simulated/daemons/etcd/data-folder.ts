import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import type { EtcdData } from './etcd-data.ts';
import { databaseFile } from './snapshot-file.ts';

/** etcd commits ten times a second (`--backend-batch-interval`); a whole file is written here, so changes are gathered, in milliseconds. */
const GATHER_MS = 2000;

/** A large database is written the less often: it takes at most one part in so many of the time. */
const SPARE = 20;

/** What a cluster writes all the time by itself; nobody looks for it in a file, and it is written with the next change. */
const RESTLESS = /^\/registry\/(?:leases|events|masterleases)\//;

/** The data folder that kubeadm gives etcd, as etcd makes it: nobody else may look (server/storage/datadir). */
export const ETCD_DATA: readonly TemplateEntry[] = [
  ...['', '/member', '/member/snap', '/member/wal'].map((path): TemplateEntry => ({
    kind: 'folder',
    path: `/var/lib/etcd${path}`,
    mode: 0o700,
    data: '',
  })),
  {
    kind: 'file',
    path: '/var/lib/etcd/member/wal/0000000000000000-0000000000000000.wal',
    mode: 0o600,
    data: 'not simulated: the write-ahead log of etcd; what it has committed is in ../snap/db\n',
  },
];

/**
 * Keeps etcd's database file in its data folder, from when somebody first looks until disposed of: it is half a megabyte. A disk that
 * refuses keeps the file away, not etcd.
 */
export function keepDatabase(host: SimulatedHost, data: EtcdData, folder: string, clock: Clock): Disposable {
  const kept = new DisposableStack();
  const begin = async (): Promise<void> => {
    if (kept.disposed) return;
    const file = new DatabaseFile(host, data, `${folder}/member/snap/db`, clock);
    kept.use(file);
    await file.write();
  };
  kept.use(host.beforeFirstLook(folder, begin));
  return kept;
}

/** The file, which follows what the cluster has until it is disposed of. */
class DatabaseFile implements Disposable {
  readonly #host: SimulatedHost;
  readonly #data: EtcdData;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #listening: Disposable;
  #waiting: Disposable | undefined;
  #isCurrent = true;
  #pause = GATHER_MS;
  #isOver = false;

  constructor(host: SimulatedHost, data: EtcdData, path: string, clock: Clock) {
    this.#host = host;
    this.#data = data;
    this.#path = path;
    this.#clock = clock;
    this.#listening = data.listen(({ key }) => {
      if (!RESTLESS.test(key)) this.#later();
    });
  }

  async write(): Promise<void> {
    this.#isCurrent = true;
    const begun = this.#clock.now();
    await this.#host.writeFile(this.#path, databaseFile(this.#data), { mode: 0o600 }).catch(() => undefined);
    this.#pause = Math.max(GATHER_MS, SPARE * (this.#clock.now() - begun));
    this.#waiting = undefined;
    if (!this.#isCurrent) this.#later();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#listening[Symbol.dispose]();
    this.#waiting?.[Symbol.dispose]();
  }

  #later(): void {
    this.#isCurrent = false;
    if (!this.#isOver) this.#waiting ??= this.#clock.after(this.#pause, () => void this.write());
  }
}
