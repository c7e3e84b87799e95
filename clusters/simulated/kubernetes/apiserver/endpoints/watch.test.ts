import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../../model/protobuf.ts';
import { Reader } from '../../model/wire/reader.ts';
import { type AnyObject, startTestBed, type TestBed } from '../test-bed.ts';
import { configMap, MAPS, MERGE, text } from './test-objects.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const PARTIAL = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const TABLE = 'as=Table;g=meta.k8s.io;v=v1';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
  const data = { 'app.conf': 'colour=<blue>' };
  await bed.call('POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data });
});
afterAll(() => bed[Symbol.asyncDispose]());

/** The answer as far as `enough` wants it; then the client hangs up. */
async function readUntil(path: string, accept: string, enough: (bytes: Buffer) => boolean) {
  const { promise, resolve, reject } = Promise.withResolvers<{ headers: IncomingHttpHeaders; bytes: Buffer }>();
  const options: RequestOptions = { ...bed.credentials, host: '127.0.0.1', path, agent: false, headers: { accept } };
  const sent = httpsRequest(options, (response) => {
    const { headers } = response;
    let bytes = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (enough(bytes)) resolve({ headers, bytes });
    });
    response.on('end', () => resolve({ headers, bytes }));
    response.on('error', () => resolve({ headers, bytes })); // we hang up ourselves
  });
  sent.on('error', reject);
  sent.end();
  try {
    return await promise;
  } finally {
    sent.destroy();
  }
}

/** Follows a watch until `until` says that it has seen enough. */
async function follow(path: string, until: (events: readonly AnyObject[]) => boolean): Promise<readonly AnyObject[]> {
  const events = (bytes: Buffer): AnyObject[] =>
    bytes
      .toString()
      .split('\n')
      .slice(0, -1) // what comes after the last line end is no whole line yet
      .map((line) => JSON.parse(line) as AnyObject);
  const { bytes } = await readUntil(path, 'application/json', (bytes) => until(events(bytes)));
  return events(bytes);
}

/** A frame of a watch in protobuf: four bytes of length, then a WatchEvent of type and RawExtension. */
function readFrame(bytes: Buffer) {
  const length = bytes.readUInt32BE(0);
  const event = new Reader(bytes.subarray(4, 4 + length), 0);
  let type = '';
  let raw = Buffer.alloc(0);
  while (!event.done) {
    if (event.tag().number === 1) type = event.bytes().toString();
    else {
      const extension = event.message();
      extension.tag();
      raw = Buffer.from(extension.bytes());
    }
  }
  return { type, object: decodeProtobuf(raw).object };
}

const oneFrame = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0);

it('streams whole objects as length-delimited protobuf to a client that takes it first', async () => {
  const { headers, bytes } = await readUntil(`${MAPS}?watch=true`, `${PROTOBUF},application/json`, oneFrame);
  expect(headers['content-type']).toBe(`${PROTOBUF};stream=watch`);
  expect(readFrame(bytes)).toMatchObject({
    type: 'ADDED',
    object: { kind: 'ConfigMap', metadata: { name: 'one' }, data: { 'app.conf': 'colour=<blue>' } },
  });
});

it('streams metadata alone as protobuf', async () => {
  const accept = `${PROTOBUF};${PARTIAL}`;
  const { bytes } = await readUntil(`${MAPS}?watch=true`, accept, oneFrame);
  const { type, object } = readFrame(bytes);
  expect([type, object.kind, object.metadata.name, object['data']]).toEqual([
    'ADDED',
    'PartialObjectMetadata',
    'one',
    undefined,
  ]);
});

it.each([
  [`application/json;${TABLE},application/json`, 'Table'],
  [`application/json;${PARTIAL}`, 'PartialObjectMetadata'],
  ['application/json;stream=watch', 'ConfigMap'],
  [`${PROTOBUF};${TABLE},application/json;${TABLE}`, 'Table'],
])('streams JSON lines to one who asks for %s', async (accept, kind) => {
  const { headers, bytes } = await readUntil(`${MAPS}?watch=true`, accept, (read) => read.includes('\n'));
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(bytes.toString())).toMatchObject({ type: 'ADDED', object: { kind } });
});

const STREAMED = `only the following media types are accepted: application/json;stream=watch, ${PROTOBUF};stream=watch`;
const WHOLE = `only the following media types are accepted: application/json, application/yaml, ${PROTOBUF}`;

it.each([
  ['a watch', '?watch=true', `application/json;stream=lines,${PROTOBUF};stream=lines`, STREAMED],
  ['a watch', '?watch=true', `${PROTOBUF};${TABLE}`, STREAMED],
  ['a list', '', 'application/json;stream=frames', WHOLE],
  ['a list', '', 'application/json;as=Chart;g=meta.k8s.io;v=v1', WHOLE],
  [
    'a watch',
    '?watch=true',
    'text/html',
    `406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, ${PROTOBUF}, application/json;stream=watch, ${PROTOBUF};stream=watch`,
  ],
])('refuses %s%s in %s with what it could write', async (_what, query, accept, message) => {
  const answer = await bed.call('GET', `${MAPS}${query}`, undefined, { accept });
  expect(answer.json).toMatchObject({ code: 406, reason: 'NotAcceptable', message });
});

it('streams no YAML, and says so in YAML', async () => {
  const answer = await bed.call('GET', `${MAPS}?watch=true`, undefined, { accept: 'application/yaml' });
  expect([answer.status, answer.text]).toEqual([406, expect.stringContaining(STREAMED)]);
});

it('says what went wrong in the protobuf that was asked for', async () => {
  const { headers, bytes } = await readUntil(`${MAPS}/nobody`, PROTOBUF, () => false);
  expect(headers['content-type']).toBe(PROTOBUF);
  expect(decodeProtobuf(bytes).object).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404 });
});

it('drops a watcher that reads nothing, and goes on for the others', async () => {
  const sent = httpsRequest({ ...bed.credentials, host: '127.0.0.1', path: `${MAPS}?watch=true`, agent: false });
  const { promise, resolve } = Promise.withResolvers<void>();
  sent.on('response', (response) => {
    response.pause();
    response.socket.pause();
    resolve();
  });
  sent.on('error', () => undefined); // it is cut off
  sent.end();
  await promise;
  const data = { blob: 'x'.repeat(900_000) };
  for (let i = 0; i < 20; i++) {
    // more than the kernel holds as well
    await bed.call('POST', MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `big-${i}` }, data });
  }
  const open = /apiserver_longrunning_requests\{[^}]*\} (\d+)/.exec((await bed.call('GET', '/metrics')).text)?.[1];
  sent.destroy();
  expect(open).toBe('0');
});

it('counts requests by what they do and what they are about', async () => {
  await bed.call('POST', `${MAPS}?dryRun=All`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dry' } });
  await bed.call('GET', '/api/v1/configmaps?limit=1');
  await bed.call(
    'PATCH',
    `${MAPS}/applied?fieldManager=me`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } },
    { 'Content-Type': 'application/apply-patch+yaml' },
  );
  const { text } = await bed.call('GET', '/metrics');
  const labels = (more: string, verb: string, scope: string): string =>
    `{code="${more}",group="",resource="configmaps",scope="${scope}",subresource="",verb="${verb}",version="v1"} 1`;
  expect(text).toContain(labels('201",component="apiserver",dry_run="All', 'POST', 'resource'));
  expect(text).toContain(labels('200",component="apiserver",dry_run="', 'LIST', 'cluster'));
  expect(text).toContain(labels('201",component="apiserver",dry_run="', 'APPLY', 'resource'));
});

describe('watches', () => {
  const type = (event: AnyObject): string => `${text(event['type'])} ${text(event['object']!['metadata']!['name'])}`;

  it('replays from a revision and follows', async () => {
    const { json } = await bed.call('GET', MAPS);
    const since = text(json['metadata']!['resourceVersion']);
    await bed.call('POST', MAPS, configMap('seen'));
    const following = follow(`${MAPS}?watch=1&resourceVersion=${since}`, (events) => events.length === 2);
    await bed.call('DELETE', `${MAPS}/seen`);
    expect((await following).map(type)).toEqual(['ADDED seen', 'DELETED seen']);
  });

  it('shows what enters and leaves a selector as ADDED and DELETED', async () => {
    const { json } = await bed.call('GET', MAPS);
    const query = `watch=1&labelSelector=on%3Dyes&resourceVersion=${text(json['metadata']!['resourceVersion'])}`;
    const label = (on: string) => bed.call('PATCH', `${MAPS}/switch`, { metadata: { labels: { on } } }, MERGE);
    await bed.call('POST', MAPS, configMap('switch'));
    await label('yes');
    await label('no');
    await bed.call('DELETE', `${MAPS}/switch`);
    const events = await follow(`${MAPS}?${query}&timeoutSeconds=1`, (seen) => seen.length === 2);
    expect(events.map(type)).toEqual(['ADDED switch', 'DELETED switch']);
  });

  it('ends the initial events of a WatchList with the bookmark that says so', async () => {
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const events = await follow(`/api/v1/namespaces?${query}`, (seen) => text(seen.at(-1)!['type']) === 'BOOKMARK');
    expect(events.slice(0, 2).map(type)).toEqual(['ADDED default', 'ADDED kube-system']);
    expect(events.at(-1)!['object']!['metadata']!['annotations']).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });
});
