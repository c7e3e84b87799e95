import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import { type EtcdData, type EtcdEntry, EtcdRefusal } from './etcd-data.ts';
import { encode, type Field } from './wire.ts';

/** Debian's and kubeadm's etcd of these days. */
export const ETCD_VERSION = RELEASE.etcd.replace(/-.*/, '');

/** Ids that kubeadm's single member happens to have; etcd derives them from its peer URL. */
const CLUSTER_ID = 0xcdf818194e3a8c32n;
export const MEMBER_ID = 0x8e9e05c52164694dn;

/** ResponseHeader */
export const header = (data: EtcdData): Field => [
  1,
  encode([1, CLUSTER_ID], [2, MEMBER_ID], [3, data.revision()], [4, 2]),
];

/** mvccpb.KeyValue */
export const keyValue = (entry: EtcdEntry, lease = 0n, keysOnly = false): Buffer =>
  encode(
    [1, entry.key],
    [2, entry.createRevision],
    [3, entry.modRevision],
    [4, entry.version],
    [5, keysOnly ? undefined : entry.value()],
    [6, lease],
  );

/** Refusals of etcd/api/v3rpc/rpctypes/error.go, by what is wrong; gRPC codes beside. */
export const REFUSED = {
  emptyKey: () => new EtcdRefusal(3, 'etcdserver: key is not provided'),
  duplicateKey: () => new EtcdRefusal(3, 'etcdserver: duplicate key given in txn request'),
  tooManyOps: () => new EtcdRefusal(3, 'etcdserver: too many operations in txn request'),
  tooLarge: () => new EtcdRefusal(3, 'etcdserver: request is too large'),
  noSpace: () => new EtcdRefusal(8, 'etcdserver: mvcc: database space exceeded'),
  compacted: () => new EtcdRefusal(11, 'etcdserver: mvcc: required revision has been compacted'),
  future: () => new EtcdRefusal(11, 'etcdserver: mvcc: required revision is a future revision'),
  leaseNotFound: () => new EtcdRefusal(5, 'etcdserver: requested lease not found'),
  leaseExists: () => new EtcdRefusal(9, 'etcdserver: lease already exists'),
  tooManyLeases: () => new EtcdRefusal(8, 'etcdserver: too many requests'),
  keyNotFound: () => new EtcdRefusal(3, 'etcdserver: key not found'),
} as const;
