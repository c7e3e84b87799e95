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

/** Keeps etcd's database file in its data folder, from now until disposed of. A disk that refuses keeps the file away, not etcd. */
export function keepDatabase(host: SimulatedHost, data: EtcdData, folder: string, clock: Clock): Disposable {
  let waiting: Disposable | undefined;
  let isCurrent = true;
  let pause = GATHER_MS;
  const write = async (): Promise<void> => {
    isCurrent = true;
    const begun = clock.now();
    await host.writeFile(`${folder}/member/snap/db`, databaseFile(data), { mode: 0o600 }).catch(() => undefined);
    pause = Math.max(GATHER_MS, SPARE * (clock.now() - begun));
    waiting = undefined;
    if (!isCurrent) later();
  };
  const later = (): void => {
    isCurrent = false;
    waiting ??= clock.after(pause, () => void write());
  };
  const listening = data.listen(({ key }) => {
    if (!RESTLESS.test(key)) later();
  });
  later();
  return {
    [Symbol.dispose]() {
      isCurrent = true;
      listening[Symbol.dispose]();
      waiting?.[Symbol.dispose]();
    },
  };
}
