import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, FakeLab } from '../fake-lab.ts';
import { connectionState } from '../probes/pod-connect.ts';
import { observe } from '../probes/observe.ts';
import type { Observation } from '../probes/observation.ts';
import { exitOf } from './pod-exec.ts';

/** An API server whose pods are processes of this machine: what `exec` runs is run by the real `sh`. */
const { signal } = new AbortController();
let api: FakeApiServer;
let lab: FakeLab;
let asked: URL | undefined;

beforeAll(async () => {
  api = await FakeApiServer.start();
  const running = { metadata: { name: 'web-2' }, status: { phase: 'Running' } };
  const ending = {
    metadata: { name: 'web-1', deletionTimestamp: '2026-01-01T00:00:00Z' },
    status: { phase: 'Running' },
  };
  lab = new FakeLab(api, {
    api: ({ path }) => ({ status: 200, body: { items: path.includes('none') ? [] : [ending, running] } }),
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  });
  api.server.on('upgrade', (request, socket, head) => {
    asked = new URL(request.url ?? '', 'https://x');
    if (request.headers.authorization !== 'Bearer "admin"') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const [program = '', ...args] = asked?.searchParams.getAll('command') ?? [];
      if (program === 'silence') {
        client.close();
        return;
      }
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.on('data', (data: Buffer) => client.send(Buffer.concat([Buffer.from([1]), data])));
      child.stderr.on('data', (data: Buffer) => client.send(Buffer.concat([Buffer.from([2]), data])));
      const end = (status: object): void => {
        client.send(Buffer.concat([Buffer.from([3]), Buffer.from(JSON.stringify(status))]));
        client.close();
      };
      child.on('error', (error) => end({ status: 'Failure', message: error.message }));
      child.on('close', (code) =>
        end(
          code === 0
            ? { status: 'Success' }
            : {
                status: 'Failure',
                reason: 'NonZeroExitCode',
                details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
              },
        ),
      );
      client.on('close', () => child.kill('SIGKILL'));
    });
  });
});
afterAll(() => api[Symbol.asyncDispose]());

function exec(argv: readonly string[], more: object = {}): Promise<Observation> {
  return observe(
    Probe.parse({ kind: 'pod-exec', namespace: 'shop', labelSelector: 'app=web', argv, timeout: 5, ...more }),
    lab,
    signal,
  );
}

describe('pod-exec', () => {
  it('has both outputs and the exit code, in a pod that is not ending', async () => {
    const observation = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7'], { container: 'web' });
    expect(observation).toMatchObject({ fact: { exitCode: 7, stdout: 'out\n', stderr: 'err\n' } });
    expect(asked?.pathname).toBe('/api/v1/namespaces/shop/pods/web-2/exec');
    expect(asked?.searchParams.get('container')).toBe('web');
  });

  it('reads exit code 0', async () => {
    expect(await exec(['true'])).toMatchObject({ fact: { exitCode: 0, stdout: '' } });
  });

  it('cuts output without end', async () => {
    const observation = await exec(['head', '-c', '1000000', '/dev/zero']);
    expect(observation).toHaveProperty('fact.stdout.length', 256 * 1024);
  });

  it.each([
    ['nothing runs', { labelSelector: 'app=none' }, ['true'], 'no running pod in shop has the labels app=none'],
    ['the program does not exist', {}, ['/no/such/program'], /exec failed: .*ENOENT/],
    ['the connection ends without a status', {}, ['silence'], 'exec ended without a status'],
    ['it does not end in time', { timeout: 0.3 }, ['sleep', '5'], 'the program did not end in time'],
  ])('is unobservable when %s', async (_, more, argv, reason) => {
    expect(await exec(argv, more)).toEqual({
      outcome: 'unobservable',
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe('pod-connect', () => {
  const connect = (port: number, to = '127.0.0.1'): Promise<Observation> =>
    observe(
      Probe.parse({ kind: 'pod-connect', namespace: 'shop', labelSelector: 'app=web', to, port, timeout: 1 }),
      lab,
      signal,
    );

  it('tells an open port, a closed one and an unknown name by what a real shell says', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await connect(port)).toMatchObject({ fact: { state: 'open' } });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(await connect(port)).toMatchObject({ fact: { state: 'refused' } });
    expect(await connect(port, 'no-such-host.invalid')).toMatchObject({ fact: { state: 'unresolved' } });
  });

  it('takes an address for nothing but an address', async () => {
    expect(await connect(80, '$(echo 127.0.0.1); true')).toMatchObject({ fact: { state: 'unresolved' } });
  });

  it.each([
    ['breachlab:failed', "nc: can't connect to remote host (10.0.0.1): Connection refused", 'refused'],
    ['breachlab:failed', "nc: can't connect to remote host (10.0.0.1): Connection timed out", 'timeout'],
    ['breachlab:failed', "nc: bad address 'x'", 'unresolved'],
    ['breachlab:failed', 'bash: connect: No route to host', 'unreachable'],
    ['breachlab:no-tool', '', undefined],
    ['', 'something else', undefined],
  ])('reads %s with "%s" as %s', (stdout, stderr, state) => expect(connectionState(stdout, stderr)).toBe(state));
});

it.each([
  ['{"status":"Success"}', 0],
  ['{"status":"Failure","message":"container not found"}', 'exec failed: container not found'],
  ['nonsense', 'exec ended with an unreadable status'],
])('the status %s is %s', (text, exit) => expect(exitOf(text)).toBe(exit));
