import { describe, expect, it } from 'vitest';
import type { ModelContext } from '../../../images/models/model.ts';
import { testContainer } from '../../../images/models/test-container.ts';
import type { Service } from '../../../kubernetes/model/generated/objects.ts';
import { type ClusterObjects, NO_CLUSTER } from '../cluster-names.ts';
import { coredns } from './coredns.ts';

const PATH = '/etc/coredns/Corefile';
const WEB = { metadata: { name: 'web', namespace: 'shop' }, spec: { clusterIP: '10.96.0.5', ports: [] } };
const OBJECTS: ClusterObjects = {
  ...NO_CLUSTER,
  service: (namespace, name) => (namespace === 'shop' && name === 'web' ? (WEB as unknown as Service) : undefined),
  hasNamespace: (name) => name === 'shop',
};
const start = (corefile: string, more: Partial<ModelContext> = {}) =>
  testContainer(
    coredns,
    { [PATH]: corefile, '/etc/resolv.conf': 'nameserver 10.10.0.9\n' },
    { tag: 'v1.13.1', argv: ['/coredns', '-conf', PATH], objects: OBJECTS, ...more },
  );
const block = (...lines: string[]): string => `.:53 {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`;

/** `code`, or the addresses that a name has. */
async function ask(container: Awaited<ReturnType<typeof start>>, name: string): Promise<string> {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const message = Buffer.concat([
    Buffer.from('abcd01000001000000000000', 'hex'),
    ...labels,
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
  const reply = await container.server?.answer?.(53, message, { address: '10.244.1.7', port: 40_000 });
  if (reply === undefined) return 'nothing';
  return reply.readUInt16BE(6) === 0 ? `code ${reply.readUInt8(3) & 15}` : reply.subarray(-4).join('.');
}

describe('CoreDNS', () => {
  it('answers for the zones of its plugin kubernetes, all of them the same cluster', async () => {
    const container = await start(block('kubernetes cluster.local custom.domain in-addr.arpa {', 'pods insecure', '}'));
    expect(container.log).toEqual(['.:53', 'CoreDNS-1.13.1']);
    expect(await ask(container, 'web.shop.svc.cluster.local')).toBe('10.96.0.5');
    expect(await ask(container, 'web.shop.svc.custom.domain')).toBe('10.96.0.5');
    expect(await ask(container, '10-244-1-3.shop.pod.cluster.local')).toBe('10.244.1.3');
    expect(await ask(container, 'nothing.shop.svc.cluster.local')).toBe('code 3');
    expect(await ask(container, 'example.com')).toBe('code 2');
  });

  it('knows no pods unless it is told to', async () => {
    const container = await start(block('kubernetes cluster.local'));
    expect(await ask(container, '10-244-1-3.shop.pod.cluster.local')).toBe('code 3');
  });

  it('has names of its own, and others that stand for those of the cluster', async () => {
    const container = await start(
      block(
        'rewrite name shop.example web.shop.svc.cluster.local',
        'rewrite name suffix .old .svc.cluster.local',
        'hosts {',
        '192.0.2.7 legacy.example # the old one',
        'fallthrough',
        '}',
        'kubernetes cluster.local',
      ),
    );
    expect(await ask(container, 'shop.example')).toBe('10.96.0.5');
    expect(await ask(container, 'web.shop.old')).toBe('10.96.0.5');
    expect(await ask(container, 'legacy.example')).toBe('192.0.2.7');
    expect(await ask(container, 'web.shop.svc.cluster.local')).toBe('10.96.0.5');
  });

  it('asks the server of the longest zone, and refuses where it has none', async () => {
    const container = await start(
      'corp.example {\n  hosts {\n    192.0.2.8 db.corp.example\n  }\n}\ncluster.local:53 {\n kubernetes\n}\n',
    );
    expect(await ask(container, 'db.corp.example')).toBe('192.0.2.8');
    expect(await ask(container, 'web.shop.svc.cluster.local')).toBe('10.96.0.5');
    expect(await ask(container, 'example.com')).toBe('code 5');
  });

  it('forwards to whom it is told, or to the resolvers of its resolv.conf, and tells of errors', async () => {
    const dialled: string[] = [];
    const dial = (address: string, port: number) => Promise.resolve(void dialled.push(`${address}:${port}`));
    const container = await start(
      block('errors', 'forward corp.example 10.96.0.99:5353', 'forward . /etc/resolv.conf'),
      { dial },
    );
    expect(await ask(container, 'db.corp.example')).toBe('code 2');
    expect(await ask(container, 'example.com')).toBe('code 2');
    expect(dialled).toEqual(['10.96.0.99:5353', '10.10.0.9:53']);
    expect(container.log.at(-1)).toBe('[ERROR] plugin/errors: 2 example.com. A: dial tcp 10.10.0.9:53: i/o timeout');
  });

  it('tells of questions where its plugin log is on', async () => {
    const container = await start(block('log', 'kubernetes cluster.local'));
    await ask(container, 'web.shop.svc.cluster.local');
    expect(container.log.at(-1)).toMatch(
      /^\[INFO\] 10\.244\.1\.7:40000 - 43981 "A IN web\.shop\.svc\.cluster\.local\. udp 44 false 512" NOERROR /,
    );
  });

  it('is healthy and ready where its Corefile says so', async () => {
    const container = await start(block('health', 'ready', 'prometheus :9153'));
    expect(container.server?.listens).toEqual([53, 8080, 8181, 9153]);
    expect(await container.say(8181, 'GET /ready HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK[^]*OK$/);
    expect((await start(block('health :8089'))).server?.listens).toEqual([53, 8089]);
  });

  it.each([
    [block('kuberntes cluster.local'), `${PATH}:2 - Error during parsing: Unknown directive 'kuberntes'`],
    ['.:53 {\n    errors\n    health {\n', `${PATH}:3 - Error during parsing: Unexpected EOF`],
    ['.:53 {\n    errors\n', `${PATH}:2 - Syntax error: Unexpected token 'errors', expecting '}'`],
    ['.:53 {\n    errors }\n}\n', `${PATH}:2 - Error during parsing: Unexpected '}' because no matching opening brace`],
    [
      block('kubernetes cluster.local {', 'pod insecure', '}'),
      `plugin/kubernetes: ${PATH}:3 - Error during parsing: unknown property 'pod'`,
    ],
    [
      block('kubernetes cluster.local {', 'pods some', '}'),
      'plugin/kubernetes: wrong value for pods: some,  must be one of: disabled, verified, insecure',
    ],
    [
      block('forward .'),
      `plugin/forward: ${PATH}:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'`,
    ],
    [block('forward . dns.example'), 'plugin/forward: not an IP address or file: "dns.example"'],
    [block('errors') + block('errors'), 'cannot serve dns://.:53 - it is already defined'],
    [
      block('loop', 'forward . 127.0.0.53'),
      '[FATAL] plugin/loop: Loop (127.0.0.1:53 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting.',
    ],
  ])('does not start with %j', async (corefile, said) => {
    const { exitCode, log } = await start(corefile);
    expect([exitCode, ...log]).toEqual([1, said]);
  });

  it('takes a changed Corefile in its time, and keeps to the old one where the new one is wrong', async () => {
    let corefile = block('reload', 'hosts {', '192.0.2.1 a.example', '}');
    let due: (() => void) | undefined;
    const container = await start('', {
      files: {
        read: () => Promise.resolve(Buffer.from(corefile)),
        list: () => Promise.resolve([]),
        refusal: () => undefined,
      },
      after: (_, what) => {
        due = what;
        return { [Symbol.dispose]: () => undefined };
      },
    });
    expect(await ask(container, 'a.example')).toBe('192.0.2.1');
    const pass = async (): Promise<void> => {
      due?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    corefile = corefile.replace('192.0.2.1', '192.0.2.2');
    await pass();
    expect(await ask(container, 'a.example')).toBe('192.0.2.2');
    corefile = 'nonsense {';
    await pass();
    expect(container.log.at(-1)).toContain('plugin/reload: Corefile changed but reload failed');
    expect(await ask(container, 'a.example')).toBe('192.0.2.2');
  });
});
