/** The cluster's store as etcd would hold it. */
export interface EtcdData {
  /** The store's revision now. */
  revision(): number;
  /** Everything whose key begins with the prefix, in any order. */
  read(prefix: string): Promise<readonly EtcdEntry[]>;
}

export interface EtcdEntry {
  readonly key: string;
  /** As it lies on disk, encrypted or not. */
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}
