import type { Clock } from '../../clock.ts';
import { ETCD_VERSION, header, MEMBER_ID } from './answer.ts';
import { type EtcdData, EtcdRefusal } from './etcd-data.ts';
import { GRPC, type GrpcCall, type GrpcHandler } from './grpc-stream.ts';
import { KeyValueService } from './key-value.ts';
import { Leases } from './leases.ts';
import { snapshotFile } from './snapshot-file.ts';
import { WatchStream } from './watches.ts';
import { decode, encode, type Field, type Message } from './wire.ts';

export interface EtcdMember {
  readonly name: string;
  readonly clientUrls: readonly string[];
}

/** Bytes of a snapshot in one message. */
const BLOB = 32 * 1024;

/** A running etcd's services by gRPC path (etcd/api/etcdserverpb/rpc.proto); any other path is refused. */
export class EtcdServer implements Disposable {
  readonly #data: EtcdData;
  readonly #member: EtcdMember;
  readonly #leases: Leases;
  readonly #keyValue: KeyValueService;
  readonly #unary: Readonly<Record<string, (request: Message) => Buffer>>;

  constructor(data: EtcdData, member: EtcdMember, clock: Clock) {
    this.#data = data;
    this.#member = member;
    this.#leases = new Leases(clock, (key) => data.remove(key));
    this.#keyValue = new KeyValueService(data, this.#leases);
    const kv = this.#keyValue;
    this.#unary = {
      'KV/Range': (request) => kv.range(request),
      'KV/Put': (request) => kv.put(request),
      'KV/DeleteRange': (request) => kv.deleteRange(request),
      'KV/Txn': (request) => kv.txn(request),
      'KV/Compact': (request) => kv.compact(request),
      'Lease/LeaseGrant': (request) => this.#grant(request),
      'Lease/LeaseRevoke': (request) => this.#revoke(request),
      'Lease/LeaseTimeToLive': (request) => this.#timeToLive(request),
      'Lease/LeaseLeases': () => encode(header(data), ...this.#leases.ids.map((id): Field => [2, encode([1, id])])),
      'Cluster/MemberList': () => this.#memberList(),
      'Maintenance/Status': () => this.#status(),
      'Maintenance/Alarm': () => encode(header(data)),
      'Maintenance/Defragment': () => encode(header(data)),
    };
  }

  /** Begins to serve a call to that path. */
  open(path: string, call: GrpcCall): GrpcHandler {
    const name = path.replace(/^\/etcdserverpb\./, '');
    const unary = Object.hasOwn(this.#unary, name) ? this.#unary[name] : undefined;
    if (unary) return once(call, (message) => call.send(unary(decode(message))));
    switch (name) {
      case 'Maintenance/Snapshot':
        return once(call, () => this.#snapshot(call));
      case 'Watch/Watch': {
        const stream = new WatchStream(this.#data, (message) => call.send(message));
        return {
          receive: (message) => stream.receive(decode(message)),
          closed: () => stream[Symbol.dispose](),
          finished: () => call.end(),
        };
      }
      case 'Lease/LeaseKeepAlive':
        return {
          receive: (message) => {
            const id = decode(message).big(1);
            call.send(encode(header(this.#data), [2, id], [3, this.#leases.keepAlive(id)]));
          },
          finished: () => call.end(),
        };
      default:
        return once(call, () => {
          throw new EtcdRefusal(GRPC.unimplemented, `not simulated: ${path}`);
        });
    }
  }

  [Symbol.dispose](): void {
    this.#leases[Symbol.dispose]();
  }

  #grant(request: Message): Buffer {
    const { id, ttl } = this.#leases.grant(request.big(2), request.number(1));
    return encode(header(this.#data), [2, id], [3, ttl]);
  }

  #revoke(request: Message): Buffer {
    this.#leases.revoke(request.big(1));
    return encode(header(this.#data));
  }

  #timeToLive(request: Message): Buffer {
    const id = request.big(1);
    const lease = this.#leases.timeToLive(id);
    if (!lease) return encode(header(this.#data), [2, id], [3, -1n]);
    const keys = request.flag(2) ? lease.keys.map((key): Field => [5, key]) : [];
    return encode(header(this.#data), [2, id], [3, lease.ttl], [4, lease.granted], ...keys);
  }

  #memberList(): Buffer {
    const { name, clientUrls } = this.#member;
    const peer = clientUrls.at(-1)?.replace(/:\d+$/, ':2380');
    const urls = clientUrls.map((url): Field => [4, url]);
    return encode(header(this.#data), [2, encode([1, MEMBER_ID], [2, name], [3, peer], ...urls)]);
  }

  #status(): Buffer {
    const size = this.#data.read('').reduce((sum, { key, value }) => sum + key.length + value().length, 0);
    const revision = this.#data.revision();
    return encode(
      header(this.#data),
      [2, ETCD_VERSION],
      [3, size],
      [4, MEMBER_ID],
      [5, revision],
      [6, 2],
      [7, revision],
      [9, size],
    );
  }

  #snapshot(call: GrpcCall): void {
    const file = snapshotFile(this.#data);
    for (let at = 0; at < file.length; at += BLOB) {
      const blob = file.subarray(at, at + BLOB);
      call.send(encode(header(this.#data), [2, file.length - at - blob.length], [3, blob]));
    }
  }
}

/** A call that takes one message and is over then. */
const once = (call: GrpcCall, run: (message: Buffer) => void): GrpcHandler => ({
  receive(message) {
    run(message);
    call.end();
  },
});
