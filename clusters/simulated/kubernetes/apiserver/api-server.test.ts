import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type AnyObject, type TestBed } from './test-bed.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const STRATEGIC = { 'Content-Type': 'application/strategic-merge-patch+json' };
const MERGE = { 'Content-Type': 'application/merge-patch+json' };
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };
const APPLY = { 'Content-Type': 'application/apply-patch+yaml' };

/** A JSON list whose items a test knows. */
const items = (value: AnyObject | undefined): readonly AnyObject[] => value as unknown as readonly AnyObject[];

const text = (value: AnyObject | undefined): string => value as unknown as string;

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'a', image: 'nginx' },
          { name: 'b', image: 'busybox' },
        ],
      },
    },
  },
});

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

/** Follows a watch until `until` says that it has seen enough. */
async function follow(path: string, until: (events: readonly AnyObject[]) => boolean): Promise<AnyObject[]> {
  const events: AnyObject[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<AnyObject[]>();
  const sent = httpsRequest({ ...bed.credentials, host: '127.0.0.1', path, agent: false }, (response) => {
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        events.push(JSON.parse(line) as AnyObject);
        if (until(events)) resolve(events);
      }
    });
    response.on('end', () => resolve(events));
    response.on('error', () => resolve(events)); // we hang up ourselves
  });
  sent.on('error', reject);
  sent.end();
  try {
    return await promise;
  } finally {
    sent.destroy();
  }
}

describe('writes', () => {
  it('creates, reads, updates and deletes, each change with a revision of its own', async () => {
    const made = await bed.call('POST', MAPS, configMap('crud', { a: '1' }));
    expect(made.status).toBe(201);
    expect(made.text).toMatch(
      /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"crud","namespace":"default","uid":/,
    );
    expect(Object.keys(made.json['metadata']!)).toEqual([
      'name',
      'namespace',
      'uid',
      'resourceVersion',
      'creationTimestamp',
      'managedFields',
    ]);
    const changed = await bed.call('PUT', `${MAPS}/crud`, { ...made.json, data: { a: '2' } });
    expect(Number(changed.json['metadata']!['resourceVersion'])).toBeGreaterThan(
      Number(made.json['metadata']!['resourceVersion']),
    );
    const stale = await bed.call('PUT', `${MAPS}/crud`, { ...made.json, data: { a: '3' } });
    expect([stale.status, stale.json['message']]).toEqual([
      409,
      'Operation cannot be fulfilled on configmaps "crud": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    const gone = await bed.call('DELETE', `${MAPS}/crud`);
    expect(gone.json['details']).toMatchObject({ name: 'crud', kind: 'configmaps' });
    expect((await bed.call('GET', `${MAPS}/crud`)).json['message']).toBe('configmaps "crud" not found');
  });

  it('keeps the revision of an update that changes nothing', async () => {
    const made = await bed.call('POST', MAPS, configMap('same', { a: '1' }));
    const again = await bed.call('PUT', `${MAPS}/same`, made.json);
    expect(again.json['metadata']!['resourceVersion']).toBe(made.json['metadata']!['resourceVersion']);
  });

  it('stores nothing on a dry run', async () => {
    expect((await bed.call('POST', `${MAPS}?dryRun=All`, configMap('dry'))).status).toBe(201);
    expect((await bed.call('GET', `${MAPS}/dry`)).status).toBe(404);
  });

  it('makes names of the alphabet without vowels', async () => {
    const made = await bed.call('POST', MAPS, { ...configMap(''), metadata: { generateName: 'some-' } });
    expect(made.json['metadata']!['name']).toMatch(/^some-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it.each([
    [
      'Strict',
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
    ],
    ['Warn', 201, undefined],
    ['Ignore', 201, undefined],
  ])('treats an unknown field as %s asks', async (how, status, message) => {
    const answer = await bed.call('POST', `${MAPS}?fieldValidation=${how}&dryRun=All`, {
      ...configMap('typo'),
      dta: {},
    });
    expect([answer.status, answer.json['message']]).toEqual([status, message]);
    expect(answer.headers['warning']).toBe(how === 'Warn' ? '299 - "unknown field \\"dta\\""' : undefined);
  });

  it('holds what finalizers hold, and lets it go with the last one', async () => {
    const held = { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await bed.call('POST', MAPS, held);
    const waiting = await bed.call('DELETE', `${MAPS}/held`);
    expect(waiting.json['metadata']!['deletionTimestamp']).toBeDefined();
    await bed.call('PATCH', `${MAPS}/held`, { metadata: { finalizers: null } }, MERGE);
    expect((await bed.call('GET', `${MAPS}/held`)).status).toBe(404);
  });

  it('counts the generation of the wish and leaves the status to its subresource', async () => {
    const made = await bed.call('POST', DEPLOYMENTS, deployment('gen'));
    expect(made.json['metadata']!['generation']).toBe(1);
    const patched = await bed.call(
      'PATCH',
      `${DEPLOYMENTS}/gen`,
      { spec: { replicas: 3 }, status: { replicas: 9 } },
      MERGE,
    );
    expect([patched.json['metadata']!['generation'], patched.json['status']]).toEqual([2, {}]);
    const told = await bed.call(
      'PATCH',
      `${DEPLOYMENTS}/gen/status`,
      { spec: { replicas: 7 }, status: { replicas: 9 } },
      MERGE,
    );
    expect([told.json['metadata']!['generation'], told.json['spec']!['replicas'], told.json['status']]).toEqual([
      2,
      3,
      { replicas: 9 },
    ]);
    const scaled = await bed.call('PATCH', `${DEPLOYMENTS}/gen/scale`, { spec: { replicas: 4 } }, MERGE);
    expect(scaled.json).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
      status: { replicas: 9, selector: 'app=gen' },
    });
  });
});

describe('patches', () => {
  it.each([
    ['merges containers by name', { containers: [{ name: 'b', image: 'new' }] }, ['a:nginx', 'b:new']],
    ['deletes a container by directive', { containers: [{ name: 'a', $patch: 'delete' }] }, ['b:busybox']],
    ['replaces the list by directive', { containers: [{ $patch: 'replace' }, { name: 'c', image: 'c' }] }, ['c:c']],
    [
      'orders by $setElementOrder',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a', image: 'first' }] },
      ['b:busybox', 'a:first'],
    ],
  ])('strategic merge %s', async (title, spec, expected) => {
    const name = `smp-${title.length}`;
    await bed.call('POST', DEPLOYMENTS, deployment(name));
    const patched = await bed.call('PATCH', `${DEPLOYMENTS}/${name}`, { spec: { template: { spec } } }, STRATEGIC);
    const containers = items(patched.json['spec']!['template']!['spec']!['containers']);
    expect(containers.map(({ name, image }) => `${text(name)}:${text(image)}`)).toEqual(expected);
  });

  it('applies JSON patches, and none of one that fails', async () => {
    await bed.call('POST', MAPS, configMap('ops', { a: '1' }));
    const path = `${MAPS}/ops`;
    const good = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'add', path: '/data/b', value: '2' },
    ];
    expect((await bed.call('PATCH', path, good, JSON_PATCH)).json['data']).toEqual({ a: '1', b: '2' });
    const bad = await bed.call('PATCH', path, [{ op: 'remove', path: '/data/nothing' }], JSON_PATCH);
    expect([bad.status, bad.json['message']]).toEqual([
      422,
      'the server rejected our request due to an error in our request',
    ]);
  });

  it('refuses media types that are no patch', async () => {
    const answer = await bed.call('PATCH', `${MAPS}/ops`, {}, { 'Content-Type': 'text/plain' });
    expect(answer.json['message']).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
    );
  });
});

describe('server-side apply', () => {
  const apply = (manager: string, data: object, query = '') =>
    bed.call(
      'PATCH',
      `${MAPS}/owned?fieldManager=${manager}${query}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data },
      APPLY,
    );

  it('creates, conflicts, shares, forces and prunes', async () => {
    expect((await apply('alice', { a: '1', b: '2' })).status).toBe(201);
    const clash = await apply('bob', { a: '9' });
    expect([clash.status, clash.json['message']]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "alice": .data.a',
    ]);
    expect(clash.json['details']!['causes']).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' },
    ]);
    expect((await apply('carol', { a: '1' })).status).toBe(200);
    const forced = await apply('bob', { a: '9' }, '&force=true');
    const owners = items(forced.json['metadata']!['managedFields']).map(
      ({ manager, fieldsV1 }) => `${text(manager)} ${JSON.stringify(fieldsV1)}`,
    );
    expect(owners).toEqual(['alice {"f:data":{"f:b":{}}}', 'bob {"f:data":{"f:a":{}}}']);
    expect((await apply('bob', {})).json['data']).toEqual({ b: '2' });
  });

  it('tells what an update took from an applier', async () => {
    await bed.call('PATCH', `${MAPS}/owned?fieldManager=kubectl-patch`, { data: { b: '7' } }, MERGE);
    const clash = await apply('alice', { b: '8' });
    expect(clash.json['message']).toBe('Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.b');
  });

  it('refuses fields that the schema does not have', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, dta: {} };
    const answer = await bed.call('PATCH', `${MAPS}/owned?fieldManager=x`, body, APPLY);
    expect([answer.status, answer.json['message']]).toEqual([
      500,
      'failed to create typed patch object (default/owned; /v1, Kind=ConfigMap): .dta: field not declared in schema',
    ]);
  });

  it('needs a manager', async () => {
    const answer = await bed.call('PATCH', `${MAPS}/owned`, {}, APPLY);
    expect(answer.json['message']).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });
});

describe('lists', () => {
  const PAGED = '/api/v1/namespaces/paged/configmaps';
  beforeAll(async () => {
    await bed.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'paged' } });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await bed.call('POST', PAGED, configMap(name, {}, { odd: String('ace'.includes(name)) }));
  });

  const names = (list: AnyObject): string[] => items(list['items']).map((item) => text(item['metadata']!['name']));

  it('pins the pages to the revision of the first', async () => {
    const first = await bed.call('GET', `${PAGED}?limit=2`);
    expect([names(first.json), first.json['metadata']!['remainingItemCount']]).toEqual([['a', 'b'], 3]);
    await bed.call('DELETE', `${PAGED}/c`);
    await bed.call('POST', PAGED, configMap('cc'));
    const second = await bed.call('GET', `${PAGED}?limit=2&continue=${text(first.json['metadata']!['continue'])}`);
    expect([names(second.json), second.json['metadata']!['resourceVersion']]).toEqual([
      ['c', 'd'],
      first.json['metadata']!['resourceVersion'],
    ]);
    const third = await bed.call('GET', `${PAGED}?limit=2&continue=${text(second.json['metadata']!['continue'])}`);
    expect([names(third.json), third.json['metadata']!['continue']]).toEqual([['e'], undefined]);
  });

  it('selects by labels and fields, and says what it does not know', async () => {
    expect(names((await bed.call('GET', `${PAGED}?labelSelector=odd%3Dtrue`)).json)).toEqual(['a', 'e']);
    expect(names((await bed.call('GET', `${PAGED}?fieldSelector=metadata.name%3Db`)).json)).toEqual(['b']);
    expect((await bed.call('GET', `${PAGED}?fieldSelector=data.a%3Db`)).json['message']).toBe(
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('answers as table, as metadata, as YAML, or not at all', async () => {
    const accept = (type: string) => bed.call('GET', PAGED, undefined, { Accept: type });
    const table = await accept('application/json;as=Table;v=v1;g=meta.k8s.io');
    expect(items(items(table.json['rows'])[0]!['cells']).slice(0, 2)).toEqual(['a', 0]);
    const partial = await accept('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io');
    expect(items(partial.json['items'])[0]).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect((await accept('application/yaml')).text).toMatch(/^apiVersion: v1\nitems:\n- metadata:/);
    const protobuf = await accept('application/vnd.kubernetes.protobuf');
    expect(protobuf.text.slice(0, 4)).toBe('k8s\0');
    expect((await accept('text/html')).json).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  });
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
