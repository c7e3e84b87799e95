import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';
import { answerOf, type ClusterObjects } from './cluster-names.ts';
import { type Answer, type Question, readQuestion, TYPE, writeAnswer } from './message.ts';

const service = (name: string, spec: object): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec }) as unknown as Service;
const SERVICES = [
  service('web', { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
  service('db', { clusterIP: 'None' }),
  service('empty', { clusterIP: 'None' }),
  service('far', { type: 'ExternalName', externalName: 'db.example.com' }),
  service('near', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  service('loop', { type: 'ExternalName', externalName: 'loop.shop.svc.cluster.local' }),
];
const SLICE = {
  endpoints: [
    { addresses: ['10.244.1.7'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.1.8'], conditions: { ready: true } },
    { addresses: ['10.244.1.9'], conditions: { ready: false } },
  ],
  ports: [{ name: 'sql', protocol: 'TCP', port: 5432 }],
} as unknown as EndpointSlice;
const OBJECTS: ClusterObjects = {
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  services: () => SERVICES,
  slices: (_, name) => (name === 'db' ? [SLICE] : []),
  hasNamespace: (name) => name === 'shop',
};

function questionOf(name: string, type: number = TYPE.A): Question {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const head = Buffer.from('abcd01000001000000000000', 'hex');
  const question = readQuestion(Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]));
  if (question === undefined) throw new Error('not a question');
  return question;
}
const ask = (name: string, type?: number): Answer => answerOf(questionOf(name, type), OBJECTS);
const addresses = ({ records }: Answer): string[] =>
  records.flatMap((record) => (record.type === 'A' ? [record.address] : []));

describe("the cluster's DNS", () => {
  it.each<[string, number, readonly string[]]>([
    ['web.shop.svc.cluster.local', 0, ['10.96.0.5']],
    ['WEB.shop.svc.cluster.local', 0, ['10.96.0.5']],
    ['db.shop.svc.cluster.local', 0, ['10.244.1.7', '10.244.1.8']],
    ['db-0.db.shop.svc.cluster.local', 0, ['10.244.1.7']],
    ['10-244-1-8.db.shop.svc.cluster.local', 0, ['10.244.1.8']],
    ['db-1.db.shop.svc.cluster.local', 3, []],
    ['empty.shop.svc.cluster.local', 3, []],
    ['10-244-1-7.shop.pod.cluster.local', 0, ['10.244.1.7']],
    ['nothing.shop.svc.cluster.local', 3, []],
    ['web.other.svc.cluster.local', 3, []],
    ['example.com', 2, []],
  ])('answers %s with code %i', (name, code, found) => {
    const answer = ask(name);
    expect([answer.code, addresses(answer)]).toEqual([code, found]);
  });

  it('has names for the addresses of Services, and of pods behind headless ones', () => {
    expect(ask('5.0.96.10.in-addr.arpa', TYPE.PTR).records).toEqual([
      { type: 'PTR', target: 'web.shop.svc.cluster.local' },
    ]);
    expect(ask('7.1.244.10.in-addr.arpa', TYPE.PTR).records).toEqual([
      { type: 'PTR', target: 'db-0.db.shop.svc.cluster.local' },
    ]);
    expect(ask('1.0.0.10.in-addr.arpa', TYPE.PTR).code).toBe(3);
  });

  it('has no addresses of version 6', () => {
    expect(ask('web.shop.svc.cluster.local', TYPE.AAAA)).toEqual({ code: 0, records: [] });
  });

  it('tells the ports of a Service and where it is', () => {
    const target = 'web.shop.svc.cluster.local';
    const answer = { records: [{ type: 'SRV', weight: 100, port: 80, target }], additional: [{ owner: target }] };
    expect(ask('_http._tcp.web.shop.svc.cluster.local', TYPE.SRV)).toMatchObject(answer);
    expect(ask('_http._udp.web.shop.svc.cluster.local', TYPE.SRV).code).toBe(3);
    expect(ask('_sql._tcp.db.shop.svc.cluster.local', TYPE.SRV).records).toEqual([
      { type: 'SRV', weight: 50, port: 5432, target: 'db-0.db.shop.svc.cluster.local' },
      { type: 'SRV', weight: 50, port: 5432, target: '10-244-1-8.db.shop.svc.cluster.local' },
    ]);
  });

  it('follows an external name as far as it is one of the cluster', () => {
    expect(ask('far.shop.svc.cluster.local')).toEqual({
      code: 0,
      records: [{ type: 'CNAME', target: 'db.example.com' }],
    });
    const owner = 'web.shop.svc.cluster.local';
    expect(ask('near.shop.svc.cluster.local').records).toEqual([
      { type: 'CNAME', target: owner },
      { type: 'A', owner, address: '10.96.0.5' },
    ]);
    expect(ask('loop.shop.svc.cluster.local').records.length).toBeLessThan(10);
  });

  it('writes what it answers as bytes', () => {
    const question = questionOf('_http._tcp.web.shop.svc.cluster.local', TYPE.SRV);
    const bytes = writeAnswer(question, answerOf(question, OBJECTS));
    expect(bytes.subarray(0, 12).toString('hex')).toBe('abcd85800001000100000001');
    expect(bytes.subarray(-4)).toEqual(Buffer.from([10, 96, 0, 5]));
  });

  it('tells over UDP that an answer is too long for it', () => {
    const records = Array.from({ length: 60 }, (_, i) => ({ type: 'A', address: `10.0.0.${i}` }) as const);
    const question = questionOf('many.shop.svc.cluster.local');
    const short = writeAnswer(question, { code: 0, records });
    expect([short.readUInt16BE(2) & 0x0200, short.readUInt16BE(6)]).toEqual([0x0200, 0]);
    expect(writeAnswer(question, { code: 0, records }, 'TCP').readUInt16BE(6)).toBe(60);
  });

  it.each([Buffer.alloc(0), Buffer.alloc(12), Buffer.alloc(400, 0xff)])(
    'passes over what is no question',
    (message) => {
      expect(readQuestion(message)).toBeUndefined();
    },
  );
});
