import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { answerOf, type ClusterObjects } from './cluster-names.ts';
import { readQuestion, TYPE, writeAnswer } from './message.ts';

const service = (name: string, clusterIP: string): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { clusterIP },
  }) as unknown as Service;
const SERVICES = [service('web', '10.96.0.5'), service('db', 'None')];
const SLICE = {
  endpoints: [{ addresses: ['10.244.1.7'], hostname: 'db-0', conditions: { ready: true } }],
} as unknown as EndpointSlice;
const OBJECTS: ClusterObjects = {
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  services: () => SERVICES,
  slices: (_, name) => (name === 'db' ? [SLICE] : []),
  hasNamespace: (name) => name === 'shop',
};

function ask(name: string, type: number = TYPE.A): ReturnType<typeof answerOf> {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const head = Buffer.from('abcd01000001000000000000', 'hex');
  const question = readQuestion(Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]));
  if (question === undefined) throw new Error('not a question');
  const answer = answerOf(question, OBJECTS);
  expect(writeAnswer(question, answer).subarray(0, 2).toString('hex')).toBe('abcd');
  return answer;
}

describe("the cluster's DNS", () => {
  it.each<[string, number, readonly string[]]>([
    ['web.shop.svc.cluster.local', 0, ['10.96.0.5']],
    ['WEB.shop.svc.cluster.local', 0, ['10.96.0.5']],
    ['db.shop.svc.cluster.local', 0, ['10.244.1.7']],
    ['db-0.db.shop.svc.cluster.local', 0, ['10.244.1.7']],
    ['db-1.db.shop.svc.cluster.local', 3, []],
    ['10-244-1-7.shop.pod.cluster.local', 0, ['10.244.1.7']],
    ['nothing.shop.svc.cluster.local', 3, []],
    ['web.other.svc.cluster.local', 3, []],
    ['example.com', 2, []],
  ])('answers %s with code %i', (name, code, addresses) => {
    expect(ask(name)).toEqual({ code, addresses });
  });

  it('has names for addresses, and no addresses of version 6', () => {
    expect(ask('5.0.96.10.in-addr.arpa', TYPE.PTR)).toEqual({ code: 0, name: 'web.shop.svc.cluster.local' });
    expect(ask('web.shop.svc.cluster.local', TYPE.AAAA)).toEqual({ code: 0, addresses: [] });
  });

  it.each([Buffer.alloc(0), Buffer.alloc(12), Buffer.alloc(400, 0xff)])(
    'passes over what is no question',
    (message) => {
      expect(readQuestion(message)).toBeUndefined();
    },
  );
});
