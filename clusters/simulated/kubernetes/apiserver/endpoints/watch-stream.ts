import { encodeProtobuf } from '../../model/protobuf.ts';
import { Writer } from '../../model/wire/writer.ts';
import type { KubeObject } from '../../object.ts';
import type { ApiError } from '../../status.ts';
import type { StoreEvent } from '../../store/cluster.ts';
import { escapeAsGo, jsonText } from '../encode/json.ts';
import { MEDIA_TYPES, type Format } from '../encode/negotiate.ts';
import { partialOf, tableOf } from '../encode/table.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { commonHeaders, metaProtobuf, statusOf, tableOptions } from '../http/respond.ts';
import { apiVersionOf } from '../registry/rows.ts';

/** Bytes a slow reader may leave unread before it is dropped. It lists and watches again, as after any broken watch. */
const MOST_UNREAD = 4 * 1024 * 1024;

type EventType = StoreEvent['type'] | 'BOOKMARK' | 'ERROR';

/**
 * The frames of one watch (apiserver/pkg/endpoints/handlers/watch.go): JSON documents, one a line, or WatchEvents in protobuf, each
 * after its length in four bytes.
 */
export class WatchStream {
  readonly #exchange: ResourceExchange;
  readonly #format: Format;
  #columnsSent = false;
  #quiet = false;

  constructor(exchange: ResourceExchange, format: Format) {
    this.#exchange = exchange;
    this.#format = format;
  }

  open(): void {
    const { response, trail } = this.#exchange;
    const type = this.#format.media === 'protobuf' ? `${MEDIA_TYPES.protobuf};stream=watch` : MEDIA_TYPES.json;
    response.writeHead(200, [...commonHeaders(this.#exchange), 'Content-Type', type] as never);
    response.flushHeaders();
    trail?.responseStarted(200);
  }

  event(type: StoreEvent['type'], object: KubeObject): void {
    this.#object(type, object);
  }

  bookmark(revision: number, initialEventsEnd: boolean): void {
    if (this.#quiet) return;
    const { row } = this.#exchange;
    const object = {
      kind: row.kind,
      apiVersion: apiVersionOf(row),
      metadata: {
        resourceVersion: String(revision),
        ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      },
    };
    this.#object('BOOKMARK', object as unknown as KubeObject);
  }

  /** No bookmarks from now on: they would lead the client backwards. */
  bookmarkless(): void {
    this.#quiet = true;
  }

  fail(error: ApiError): void {
    const status = statusOf(error);
    if (this.#format.media === 'protobuf') this.#write(protobufFrame('ERROR', metaProtobuf(status)));
    else this.#write(jsonFrame('ERROR', escapeAsGo(JSON.stringify(status))));
    this.end();
  }

  end(): void {
    this.#exchange.response.end();
  }

  #object(type: EventType, object: KubeObject): void {
    const { media, as, version } = this.#format;
    const partial = as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
    const shown = partial ? partialOf(object, version) : object;
    if (media === 'protobuf') {
      const bytes = partial ? metaProtobuf(shown) : encodeProtobuf(shown, this.#exchange.row.type);
      this.#write(protobufFrame(type, bytes));
    } else this.#write(jsonFrame(type, jsonText(as === 'Table' ? this.#table(object) : shown)));
  }

  /** Column definitions come with the first event only. */
  #table(object: KubeObject): object {
    const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
    const options = { ...tableOptions(this.#exchange, this.#format), columns: !this.#columnsSent };
    this.#columnsSent = true;
    return tableOf(this.#exchange.row, [object], metadata, options);
  }

  #write(frame: string | Buffer): void {
    const { response } = this.#exchange;
    if (response.destroyed || response.writableEnded) return;
    response.write(frame);
    if (response.writableLength > MOST_UNREAD) response.destroy();
  }
}

const jsonFrame = (type: EventType, object: string): string => `{"type":"${type}","object":${object}}\n`;

/** meta/v1 WatchEvent, `object` in a RawExtension, without the magic that begins stored objects (serializer/protobuf RawSerializer). */
function protobufFrame(type: EventType, object: Buffer): Buffer {
  const writer = new Writer(object.length + 64);
  writer.bytes(1, object);
  writer.close(2, 0);
  writer.text(1, type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(writer.length);
  writer.raw(length);
  return writer.finish();
}
