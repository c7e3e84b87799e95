import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, FakeLab, type FakeLabOptions } from '../fake-lab.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());

function observeWith(probe: unknown, options: FakeLabOptions): Promise<Observation> {
  return observe(Probe.parse(probe), new FakeLab(api, options), signal);
}

describe('etcd', () => {
  const etcd = new Map([
    ['/registry/secrets/a/plain', Buffer.from('k8s\0\n\x02v1 hello')],
    ['/registry/secrets/a/sealed', Buffer.from('k8s:enc:aescbc:v1:key1:\u0001\u0002')],
  ]);

  it.each([
    ['plain', { present: true, encrypted: false, text: 'k8s...v1 hello' }],
    ['sealed', { present: true, encrypted: true, prefix: 'k8s:enc:aescbc:v1:key1:\u0001\u0002' }],
    ['absent', { present: false, encrypted: false, prefix: '' }],
  ])('tells a %s value', async (name, fact) => {
    expect(await observeWith({ kind: 'etcd', key: `/registry/secrets/a/${name}` }, { etcd })).toMatchObject({ fact });
  });

  it('makes a fresh Secret, reads it raw and deletes it', async () => {
    const calls: string[] = [];
    const observation = await observeWith(
      { kind: 'fresh-secret', namespace: 'a' },
      {
        etcd,
        api: ({ method, path }) => {
          calls.push(`${method} ${path}`);
          return method === 'POST'
            ? { status: 201, body: { metadata: { name: 'sealed' } } }
            : { status: 200, body: {} };
        },
      },
    );
    expect(observation).toMatchObject({ fact: { present: true, encrypted: true } });
    expect(calls).toEqual(['POST /api/v1/namespaces/a/secrets', 'DELETE /api/v1/namespaces/a/secrets/sealed']);
  });
});

describe('leak-scan', () => {
  it.each(['', 'x', 'xy', 'xyz', 'postgres://shop:'])('finds a secret behind "%s" in base64', async (before) => {
    const text = Buffer.from(`${before}hunter42@db`).toString('base64');
    const items = [
      { metadata: { name: 'leaky' }, data: { url: text } },
      { metadata: { name: 'tight' }, data: { url: Buffer.from(`${before}hunted42@db`).toString('base64') } },
    ];
    const probe = { kind: 'leak-scan', secret: 'hunter42', lists: ['/api/v1/configmaps'] };
    expect(await observeWith(probe, { api: () => ({ status: 200, body: { items } }) })).toMatchObject({
      fact: { found: ['configmaps leaky .data.url'], scanned: 2 },
    });
  });

  it('finds a text in values, keys and annotations, plain and in base64, and never shows it', async () => {
    const items = [
      { metadata: { name: 'clean' } },
      {
        metadata: { name: 'map', namespace: 'a', annotations: { last: '{"password":"hunter42"}' } },
        data: { [`x-hunter42`]: '1' },
      },
      {
        metadata: { name: 'coded', namespace: 'a' },
        spec: { args: ['-p', Buffer.from('hunter42').toString('base64')] },
      },
    ];
    const observation = await observeWith(
      { kind: 'leak-scan', secret: 'hunter42', lists: ['/api/v1/configmaps?limit=9'] },
      { api: () => ({ status: 200, body: { items } }) },
    );
    const found = [
      'configmaps a/map .metadata.annotations.last',
      'configmaps a/map .data (a key)',
      'configmaps a/coded .spec.args[1]',
    ];
    expect(observation).toMatchObject({ fact: { scanned: 3, found } });
    expect(JSON.stringify(observation)).not.toContain('hunter42');
  });

  it('is unobservable when a list cannot be read', async () => {
    const probe = { kind: 'leak-scan', secret: 'hunter42', lists: ['/api/v1/configmaps'] };
    expect(
      await observeWith(probe, { api: () => ({ status: 403, body: { kind: 'Status', message: 'no' } }) }),
    ).toMatchObject({
      outcome: 'unobservable',
    });
  });
});

describe('file', () => {
  const files = {
    '/a.yaml': { content: 'a: [1, 2]\n', mode: 0o100600 },
    '/two.yaml': { content: 'a: 1\n---\nb: 2\n', mode: 0o644 },
    '/b.json': { content: '{"a":', mode: 0o644 },
    '/c.service': { content: '# x\n[Service]\nExecStart=\nExecStart=/bin/a \\\n  -b=1\n', mode: 0o644 },
  };
  it.each([
    ['/a.yaml', 'yaml', { exists: true, mode: 0o600, valid: true, data: { a: [1, 2] } }],
    ['/two.yaml', 'yaml', { data: [{ a: 1 }, { b: 2 }] }],
    ['/b.json', 'json', { exists: true, valid: false, data: null }],
    ['/c.service', 'ini', { data: { Service: { ExecStart: ['', '/bin/a    -b=1'] } } }],
    ['/a.yaml', 'text', { exists: true, text: 'a: [1, 2]\n' }],
    ['/none', 'text', { exists: false }],
  ])('reads %s as %s', async (path, format, fact) => {
    expect(
      await observeWith({ kind: 'file', host: 'node01', path, format }, { hosts: { node01: { files } } }),
    ).toMatchObject({ fact });
  });
});

describe('command', () => {
  const probe = { kind: 'command', host: 'node01', argv: ['docker', 'ps'], timeout: 0.1 };

  it('has the exit status and both outputs', async () => {
    const exec = async () => ({ exitCode: 3, stdout: 'out', stderr: 'err' });
    expect(await observeWith(probe, { hosts: { node01: { exec } } })).toMatchObject({
      fact: { exitCode: 3, stdout: 'out', stderr: 'err' },
    });
  });

  it('is unobservable when it does not end', async () => {
    const exec = (_: readonly string[], { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    expect(await observeWith(probe, { hosts: { node01: { exec } } })).toEqual({
      outcome: 'unobservable',
      reason: 'node01$ docker ps: not done in 0.1 s',
    });
  });
});

it('keeps control characters of a learner out of the evidence', async () => {
  const exec = async () => ({ exitCode: 0, stdout: '\u001b[2Jgone\u0007' });
  const observation = await observeWith(
    { kind: 'command', host: 'node01', argv: ['x'] },
    { hosts: { node01: { exec } } },
  );
  expect(observation).toMatchObject({ evidence: 'node01$ x\nexit 0\n·[2Jgone·' });
});
