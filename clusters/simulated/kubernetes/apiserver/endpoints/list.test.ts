import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed, type AnyObject } from '../test-bed.ts';
import { configMap, items, text } from './test-objects.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

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
