import { createServer, type Server } from 'node:http';
import { connect as tlsConnect } from 'node:tls';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';
import { splitName } from './location.ts';

const CORE = '/api/v1/namespaces/default';

let bed: TestBed;
let backend: Server;
beforeAll(async () => {
  backend = createServer((request, response) => {
    if (request.url === '/moved') {
      response.writeHead(302, { location: '/there?x=1' }).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, host, 'x-forwarded-uri': uri } = request.headers;
      const { method, url } = request;
      response.writeHead(method === 'POST' ? 418 : 200, { 'content-type': 'text/plain', 'x-own': 'yes' });
      response.end(JSON.stringify({ method, url, host, uri, authorization, body: Buffer.concat(chunks).toString() }));
    });
  });
  backend.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((listening) => backend.listen(0, '127.0.0.1', listening));
  const { port } = backend.address() as AddressInfo;
  bed = await startTestBed({
    network: {
      pod: (pod, to) =>
        to === 80
          ? Promise.resolve(connect(port, '127.0.0.1'))
          : Promise.reject(
              new Error(`dial tcp ${(pod['status'] as { podIP: string }).podIP}:${to}: connect: connection refused`),
            ),
      machine: (address, to) => Promise.reject(new Error(`dial tcp ${address}:${to}: connect: no route to host`)),
    },
  });
  const spec = { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] };
  for (const name of ['web', 'pending']) {
    await bed.call('POST', `${CORE}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  }
  const status = { phase: 'Running', podIP: '10.244.1.5', podIPs: [{ ip: '10.244.1.5' }] };
  await bed.call('PATCH', `${CORE}/pods/web/status`, { status }, { 'Content-Type': 'application/merge-patch+json' });
  for (const name of ['web', 'empty']) {
    const ports = [{ name: 'http', port: 8080, targetPort: 80 }];
    await bed.call('POST', `${CORE}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports },
    });
  }
  const targetRef = { kind: 'Pod', name: 'web', namespace: 'default' };
  const endpoints = (name: string, ref: object) => ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name },
    subsets: [{ addresses: [{ ip: '10.244.1.5', ...ref }], ports: [{ name: 'http', port: 80 }] }],
  });
  await bed.call('POST', `${CORE}/endpoints`, endpoints('web', { targetRef }));
  await bed.call('POST', `${CORE}/endpoints`, endpoints('empty', {}));
  await bed.call('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node01' } });
  const addresses = [{ type: 'InternalIP', address: '10.10.0.11' }];
  await bed.call(
    'PATCH',
    '/api/v1/nodes/node01/status',
    { status: { addresses } },
    { 'Content-Type': 'application/merge-patch+json' },
  );
  await bed.call('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'silent' } });
  for (const nodeName of ['silent', 'gone']) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `on-${nodeName}` }, spec: { ...spec, nodeName } };
    await bed.call('POST', `${CORE}/pods`, pod);
  }
});
afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  backend.close();
});

it.each([
  [`${CORE}/pods/web/proxy/a%2Fb/c?d=e`, '/a%2Fb/c?d=e'],
  [`${CORE}/pods/http:web:80/proxy/`, '/'],
  [`${CORE}/services/web:http/proxy/x`, '/x'],
  [`${CORE}/services/web:8080/proxy/x/`, '/x/'],
])('leads %s to the pod', async (path, url) => {
  const answer = await bed.call('GET', path, undefined, { authorization: 'Bearer secret' });
  expect([answer.status, answer.headers['x-own']]).toEqual([200, 'yes']);
  expect(JSON.parse(answer.text)).toEqual({
    method: 'GET',
    url,
    host: '10.244.1.5:80',
    uri: path.split('?')[0],
    body: '',
  });
});

it('passes bodies, methods and statuses on', async () => {
  const answer = await bed.call('POST', `${CORE}/pods/web/proxy/form`, 'a=b', { 'Content-Length': '3' });
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([418, { method: 'POST', body: 'a=b' }]);
});

it('leads to the page with a slash, and leaves redirections within the proxy', async () => {
  const bare = await bed.call('GET', `${CORE}/pods/web/proxy?q=1`);
  expect([bare.status, bare.headers.location]).toEqual([301, `${CORE}/pods/web/proxy/?q=1`]);
  const moved = await bed.call('GET', `${CORE}/pods/web/proxy/moved`);
  expect([moved.status, moved.headers.location]).toEqual([302, `${CORE}/pods/web/proxy/there?x=1`]);
});

it.each([
  [
    `${CORE}/pods/web:81/proxy/`,
    503,
    'error trying to reach service: dial tcp 10.244.1.5:81: connect: connection refused',
  ],
  [`${CORE}/pods/pending/proxy/`, 400, 'address not allowed'],
  [`${CORE}/pods/none/proxy/`, 404, 'pods "none" not found'],
  [`${CORE}/pods/ftp:web:80/proxy/`, 400, 'invalid pod request "ftp:web:80"'],
  [`${CORE}/services/web:9/proxy/`, 503, 'no service port 9 found for service "web"'],
  [`${CORE}/services/web/proxy/`, 503, 'no endpoints available for service "web"'],
  [`${CORE}/services/empty:http/proxy/`, 503, 'no endpoints available for service "empty"'],
  [
    '/api/v1/nodes/node01/proxy/healthz',
    503,
    'error trying to reach service: dial tcp 10.10.0.11:10250: connect: no route to host',
  ],
  ['/api/v1/nodes/none/proxy/', 404, 'nodes "none" not found'],
  ['/api/v1/nodes/silent/proxy/', 500, 'no preferred addresses found; known addresses: []'],
  [`${CORE}/pods/on-silent/log`, 500, 'no preferred addresses found; known addresses: []'],
  [`${CORE}/pods/on-gone/log`, 404, 'nodes "gone" not found'],
  [`${CORE}/pods/on-gone/exec?command=id`, 404, 'nodes "gone" not found'],
])('says why %s leads nowhere', async (path, code, message) => {
  expect((await bed.call('GET', path)).json).toMatchObject({ code, message });
});

it('hands a connection through that changes its protocol', async () => {
  const socket = tlsConnect({ ...bed.credentials, host: '127.0.0.1' });
  socket.write(`GET ${CORE}/pods/web/proxy/echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
  let text = '';
  await new Promise<void>((done) => {
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.endsWith('\r\n\r\n')) socket.write('hello');
      if (text.endsWith('hello')) done();
    });
  });
  socket.destroy();
  expect(text).toMatch(/^HTTP\/1\.1 101 /);
});

it.each([
  ['web', { scheme: '', name: 'web', port: '' }],
  ['web:http', { scheme: '', name: 'web', port: 'http' }],
  ['https:web:', { scheme: 'https', name: 'web', port: '' }],
  [':80', undefined],
  ['a:b:c:d', undefined],
])('reads the name %s', (id, expected) => expect(splitName(id)).toEqual(expected));
