/** The cluster's store as etcd would hold it. */
export interface EtcdData {
  /** The store's revision now. */
  revision(): number;
  /** Everything whose key begins with the prefix, in any order. */
  read(prefix: string): readonly EtcdEntry[];
  get(key: string): EtcdEntry | undefined;
  /** Writes bytes as they lie on disk; the cluster hears of it. Throws `EtcdRefusal` for what it could not read back. */
  put(key: string, value: Buffer): void;
  /** Takes a key out, without finalizers and grace; nothing happens when it is not there. */
  remove(key: string): void;
  /** Tells of every change from now on, in order. */
  listen(listener: (change: EtcdChange) => void): Disposable;
}

export interface EtcdEntry {
  readonly key: string;
  /** As it lies on disk, encrypted or not. */
  readonly value: () => Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface EtcdChange {
  readonly key: string;
  readonly revision: number;
  readonly before: EtcdEntry | undefined;
  /** Undefined for a key that was taken out. */
  readonly after: EtcdEntry | undefined;
}

/** An answer other than OK, with its gRPC status code (etcd/api/v3rpc/rpctypes/error.go). */
export class EtcdRefusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
