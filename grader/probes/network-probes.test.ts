import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, type FakeHost, FakeLab } from '../fake-lab.ts';
import { observe } from './observe.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
const listeners: { close(): unknown }[] = [];

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  listeners.push(server);
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(async () => {
  for (const listener of listeners) listener.close();
  await api[Symbol.asyncDispose]();
});

async function factOf(probe: unknown, host: FakeHost, workstation: FakeHost = {}): Promise<unknown> {
  const lab = new FakeLab(api, { hosts: { bastion: host, workstation } });
  const observation = await observe(Probe.parse(probe), lab, signal);
  return observation.outcome === 'observed' ? observation.fact : observation;
}

describe('tcp', () => {
  it.each(['refused', 'timeout', 'unreachable', 'unresolved'] as const)('tells %s', async (state) => {
    const fact = await factOf(
      { kind: 'tcp', from: 'bastion', to: 'node01', port: 22 },
      { ports: { 'node01:22': state } },
    );
    expect(fact).toMatchObject({ state });
  });

  it('tells open', async () => {
    const port = await listen(createServer());
    const fact = await factOf(
      { kind: 'tcp', from: 'bastion', to: 'node01', port: 22 },
      { ports: { 'node01:22': port } },
    );
    expect(fact).toEqual({ state: 'open', detail: '' });
  });

  it('is unobservable when nothing answers and the machine itself does not either', async () => {
    const probe = { kind: 'tcp', from: 'bastion', to: 'node01', port: 22 };
    expect(await factOf(probe, { ports: { 'node01:22': 'timeout', '127.0.0.1:1': 'timeout' } })).toEqual({
      outcome: 'unobservable',
      reason: expect.stringContaining('too busy to tell silence from a slow answer') as string,
    });
  });

  it('starts from a stranger on the internet', async () => {
    const probe = Probe.parse({ kind: 'tcp', from: 'stranger', to: 'node01', port: 22 });
    const lab = new FakeLab(api, { hosts: { internet: {} }, stranger: { 'node01:22': 'timeout' } });
    expect(await observe(probe, lab, signal)).toMatchObject({ fact: { state: 'timeout' } });
  });

  it('is unobservable from a host that the lab lacks', async () => {
    const observation = await observe(
      Probe.parse({ kind: 'tcp', from: 'internet', to: 'node01', port: 22 }),
      new FakeLab(api, {}),
      signal,
    );
    expect(observation).toEqual({ outcome: 'unobservable', reason: 'the lab has no host internet. Choose another.' });
  });
});

describe('http', () => {
  const get = (more: object = {}): object => ({
    kind: 'http',
    from: 'bastion',
    to: 'node01',
    port: 80,
    timeout: 0.5,
    ...more,
  });

  it('has status, headers, body and its JSON', async () => {
    const web = createHttpServer((request, response) => {
      response.setHeader('X-Echo', `${request.method} ${request.url} ${request.headers.host}`);
      response.end('{"books":3}');
    });
    const fact = await factOf(get({ path: '/a?b=1' }), { ports: { 'node01:80': await listen(web) } });
    expect(fact).toMatchObject({ state: 'answered', status: 200, body: '{"books":3}', json: { books: 3 } });
    expect(fact).toHaveProperty(['headers', 'x-echo'], 'GET /a?b=1 node01:80');
  });

  it('cuts a body without end', async () => {
    const web = createHttpServer((_, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const fact = (await factOf(get(), { ports: { 'node01:80': await listen(web) } })) as { body: string };
    expect(fact.body).toHaveLength(64 * 1024);
  });

  it('tells what speaks no HTTP, what says nothing and what is not there', async () => {
    const gibberish = createServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n'));
    expect(await factOf(get(), { ports: { 'node01:80': await listen(gibberish) } })).toMatchObject({
      state: 'no-http',
      status: 0,
    });
    const mute = createServer((socket) => socket.on('error', () => {}));
    expect(await factOf(get(), { ports: { 'node01:80': await listen(mute) } })).toMatchObject({
      outcome: 'unobservable',
      reason: expect.stringContaining('connected, but there was no answer'),
    });
    expect(await factOf(get(), {})).toMatchObject({ state: 'refused', status: 0, body: '' });
  });

  it('speaks TLS without trusting anybody', async () => {
    api.answer = () => ({ status: 200, body: { hello: true } });
    const lab = new FakeLab(api, {
      hosts: { bastion: { ports: { 'node01:80': api.port } } },
      api: () => ({ status: 200, body: { hello: true } }),
    });
    const observation = await observe(Probe.parse(get({ tls: true })), lab, signal);
    expect(observation).toMatchObject({ fact: { state: 'answered', json: { hello: true } } });
  });
});

describe('tls', () => {
  it('reads the certificate', async () => {
    const fact = await factOf(
      { kind: 'tls', from: 'bastion', to: 'node01', port: 443 },
      { ports: { 'node01:443': api.port } },
    );
    expect(fact).toMatchObject({
      state: 'secured',
      protocol: 'TLSv1.3',
      subject: 'kube-apiserver',
      names: ['IP Address:127.0.0.1'],
    });
  });

  it('tells a listener without TLS', async () => {
    const port = await listen(createServer((socket) => socket.on('error', () => {}).end('hello\n')));
    const fact = await factOf(
      { kind: 'tls', from: 'bastion', to: 'node01', port: 443 },
      { ports: { 'node01:443': port } },
    );
    expect(fact).toMatchObject({ state: 'no-tls' });
  });
});

describe('ssh-login', () => {
  // Of those of type ed25519 that ssh2 makes, one in a hundred cannot be read by ssh2.
  const pair = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
  const hostKey = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const workstation: FakeHost = { files: { '/root/.ssh/id_ed25519': { content: pair.private, mode: 0o600 } } };

  /** A server with one password and one key, offering only those methods. */
  async function sshServer(methods: ssh2.AuthenticationType[]): Promise<FakeHost> {
    const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (attempt) => {
        const right =
          (attempt.method === 'password' && attempt.password === 'harbour1') ||
          (attempt.method === 'publickey' &&
            attempt.key.data.equals((ssh2.utils.parseKey(pair.public) as ssh2.ParsedKey).getPublicSSH()));
        if (right && methods.includes(attempt.method)) attempt.accept();
        else attempt.reject(methods);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    listeners.push(server);
    return { ports: { 'node01:22': (server.address() as AddressInfo).port } };
  }
  const login = (how: unknown): object => ({
    kind: 'ssh-login',
    from: 'bastion',
    to: 'node01',
    user: 'root',
    with: how,
    timeout: 3,
  });

  it('logs in with the right password', async () => {
    const fact = await factOf(login({ password: 'harbour1' }), await sshServer(['publickey', 'password']));
    expect(fact).toEqual({
      from: 'bastion',
      state: 'reached',
      reached: true,
      login: true,
      methods: ['publickey', 'password'],
    });
  });

  it('is refused with a wrong one and still knows the methods', async () => {
    const fact = await factOf(login({ password: 'wrong' }), await sshServer(['password']));
    expect(fact).toMatchObject({ reached: true, login: false, methods: ['password'] });
  });

  it('does not try a method that is not offered', async () => {
    const fact = await factOf(login({ password: 'harbour1' }), await sshServer(['publickey']));
    expect(fact).toMatchObject({ reached: true, login: false, methods: ['publickey'] });
  });

  it.each([
    ['a file that is there', 'ssh-ed25519 AAAA theirs', true],
    ['no file', undefined, false],
  ])('tries a key that is let in for the time of the login, with %s', async (_, before, stays) => {
    const path = '/root/.ssh/authorized_keys';
    const files: NonNullable<FakeHost['files']> =
      before === undefined ? {} : { [path]: { content: before, mode: 0o600 } };
    const seen: string[] = [];
    const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (attempt) => {
        if (attempt.method !== 'publickey') return attempt.reject(['publickey']);
        const offered = attempt.key.data.toString('base64');
        seen.push(files[path]?.content ?? '');
        return seen.at(-1)?.includes(offered) === true ? attempt.accept() : attempt.reject();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    listeners.push(server);
    const exec: NonNullable<FakeHost['exec']> = async (argv) => {
      expect(argv).toEqual(['rm', '-f', path]);
      delete files[path];
      return { exitCode: 0 };
    };
    const from = { ports: { 'node01:22': (server.address() as AddressInfo).port } };
    const lab = new FakeLab(api, { hosts: { bastion: from, node01: { files, exec } } });
    expect(await observe(Probe.parse(login('fresh-key')), lab, new AbortController().signal)).toMatchObject({
      fact: { login: true },
    });
    expect(seen[0]).not.toBe(before);
    expect(files[path]?.content).toBe(stays ? before : undefined);
  });

  it('logs in with the lab key, read from the workstation', async () => {
    const fact = await factOf(login('lab-key'), await sshServer(['publickey']), workstation);
    expect(fact).toMatchObject({ login: true, methods: ['publickey'] });
  });

  it('logs in with a key of its own, whatever lies on the workstation', async () => {
    const other = { files: { '/root/.ssh/id_ed25519': { content: 'another', mode: 0o600 } } };
    const fact = await factOf(login({ privateKey: pair.private }), await sshServer(['publickey']), other);
    expect(fact).toMatchObject({ reached: true, login: true });
  });

  it('is unobservable when the connection is taken and nothing comes in time', async () => {
    const port = await listen(createServer((socket) => socket.on('error', () => {})));
    const probe = { ...login({ password: 'x1234' }), timeout: 0.3 };
    expect(await factOf(probe, { ports: { 'node01:22': port } })).toEqual({
      outcome: 'unobservable',
      reason: 'ssh root@node01:22 from bastion with a password: connected, but there was no handshake in 0.3 s',
    });
  });

  it('is unobservable without the lab key', async () => {
    expect(await factOf(login('lab-key'), await sshServer(['publickey']))).toMatchObject({ outcome: 'unobservable' });
  });

  it('tells a server that is gone from one that speaks no SSH', async () => {
    expect(await factOf(login({ password: 'x1234' }), {})).toMatchObject({
      state: 'refused',
      reached: false,
      login: false,
    });
    const port = await listen(
      createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const fact = await factOf(login({ password: 'x1234' }), { ports: { 'node01:22': port } });
    expect(fact).toMatchObject({ state: 'no-ssh', reached: false, login: false });
  });
});
