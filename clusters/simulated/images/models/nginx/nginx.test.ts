import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createPki } from '../../../kubernetes/pki/pki.ts';
import { NGINX_FILES } from '../../files.ts';
import { testContainer, type TestContainer } from '../test-container.ts';
import { nginx } from './nginx.ts';

const CONF = '/etc/nginx/conf.d/default.conf';
const withServers = (conf: string, more: Readonly<Record<string, string>> = {}): Promise<TestContainer> =>
  testContainer(nginx, { ...NGINX_FILES, [CONF]: conf, ...more });

/** `status` and body of a request. */
async function get(container: TestContainer, path: string, { port = 80, host = 'web' } = {}): Promise<string> {
  const said = await container.say(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const [head = '', ...body] = said.split('\r\n\r\n');
  return `${head.split(' ')[1]} ${body.join('\r\n\r\n').replaceAll('\r\n', '')}`;
}

test('serves its default page, a page for what is not there, and logs both', async () => {
  const container = await testContainer(nginx, NGINX_FILES);
  expect(await get(container, '/')).toContain('Welcome to nginx!');
  expect(await get(container, '/nothing')).toMatch(/^404 <html>.*<hr><center>nginx\/1.29.3<\/center>/);
  expect(container.log.at(-1)).toBe(
    '127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /nothing HTTP/1.1" 404 153 "-" "-" "-"',
  );
});

test('answers by listen, server_name, location, return, root and access', async () => {
  const container = await withServers(
    `server { listen 80 default_server; server_name _; return 444; }
     server { listen 80; server_name shop.example *.shop.example; root /srv;
       location = /healthz { return 200 "fine\\n"; }
       location /old { return 301 /new; }
       location ~* \\.php$ { deny all; }
       location / { try_files $uri $uri/ =404; }
     }
     server { listen 8080; server_tokens off; location / { return 503; } }`,
    { '/srv/index.html': 'the shop', '/srv/a.txt': 'text' },
  );
  const host = 'shop.example';
  expect(await get(container, '/', { host })).toBe('200 the shop');
  expect(await get(container, '/a.txt', { host: 'eu.shop.example' })).toBe('200 text');
  expect(await get(container, '/healthz', { host })).toBe('200 fine\n');
  expect(await get(container, '/old/x', { host })).toMatch(/^301 /);
  expect(await get(container, '/x.PHP', { host })).toMatch(/^403 /);
  expect(await get(container, '/missing', { host })).toMatch(/^404 /);
  expect(await get(container, '/', { host: 'other' })).toMatch(/^undefined/);
  expect(await get(container, '/', { port: 8080 })).toContain('<hr><center>nginx</center>');
});

test('passes requests on, and says 502 when nobody is there', async () => {
  const upstream = createServer((request, response) => response.end(`up ${request.url}`));
  const container = await testContainer(
    nginx,
    {
      ...NGINX_FILES,
      [CONF]: 'server { location /api/ { proxy_pass http://api:8080/v1/; } location / { proxy_pass http://gone; } }',
    },
    {
      resolve: (host) => Promise.resolve(host === 'api' ? '10.96.0.20' : undefined),
      dial(address, port) {
        expect([address, port]).toEqual(['10.96.0.20', 8080]);
        const [ours, theirs] = duplexPair();
        upstream.emit('connection', theirs);
        return Promise.resolve(ours);
      },
    },
  );
  expect(await get(container, '/api/books')).toBe('200 up /v1/books');
  expect(await get(container, '/')).toMatch(/^502 /);
});

test.each([
  ['server { listne 80; }', 'unknown directive "listne" in FILE:1'],
  ['server { listen 80;\n', 'unexpected end of file, expecting "}" in FILE:2'],
  ['server { listen 80 }', 'unexpected "}" in FILE:1'],
  ['}', 'unexpected "}" in FILE:1'],
  ['server { listen 99999; }', 'invalid port in "99999" of the "listen" directive in FILE:1'],
  ['server { listen 443 ssl; }', 'no "ssl_certificate" is defined for the "listen ... ssl" directive in FILE:1'],
  [
    'server { listen 443 ssl; ssl_certificate /tls/tls.crt; ssl_certificate_key /tls/tls.key; }',
    'cannot load certificate "/tls/tls.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(/tls/tls.crt, r) error:10000080:BIO routines::no such file)',
  ],
])('does not start with %j', async (conf, why) => {
  const container = await withServers(conf);
  expect(container.exitCode).toBe(1);
  expect(container.log.at(-1)).toBe(`nginx: [emerg] ${why.replace('FILE', CONF)}`);
  expect(container.log.at(-2)).toBe(`2026/01/02 03:04:05 [emerg] 1#1: ${why.replace('FILE', CONF)}`);
});

test('does not start where it cannot write', async () => {
  const container = await testContainer(nginx, NGINX_FILES, {
    files: {
      read: (path) => Promise.resolve(NGINX_FILES[path] === undefined ? undefined : Buffer.from(NGINX_FILES[path])),
      list: () => Promise.resolve(['default.conf']),
      refusal: () => '30: Read-only file system',
    },
  });
  expect(container.log.at(-1)).toBe(
    'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)',
  );
});

test('says what it knows and does not model', async () => {
  const container = await withServers('server { listen 80; auth_basic "closed"; }');
  expect(container.log).toContain('not simulated: the directive "auth_basic" has no effect here');
});

test('asks for the certificate of a client, and lets nobody in without a good one', async () => {
  const controlPlane = { name: 'cp', addresses: [] };
  const make = () =>
    createPki({ now: Date.now(), controlPlane, server: 'https://x:6443', serviceAddress: '10.96.0.1' });
  const [ours, others] = [make(), make()];
  const { certificate, key } = ours.servingCertificate({ commonName: 'web', dnsNames: ['web'], addresses: [] });
  const container = await withServers(
    `server { listen 443 ssl; ssl_certificate /tls/tls.crt; ssl_certificate_key /tls/tls.key;
       ssl_client_certificate /tls/ca.crt; ssl_verify_client on; location / { return 200 in; } }`,
    { '/tls/tls.crt': certificate, '/tls/tls.key': key, '/tls/ca.crt': ours.certificateAuthority },
  );
  const ask = async (options: object): Promise<string> => {
    const socket: TLSSocket = connectTls({
      socket: container.connect(443),
      servername: 'web',
      ca: ours.certificateAuthority,
      ...options,
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
    let said = '';
    for await (const bytes of socket) said += String(bytes);
    return said;
  };
  const client = ours.clientCertificate({ commonName: 'jane', organizations: [] });
  const stranger = others.clientCertificate({ commonName: 'jane', organizations: [] });
  expect(await ask({ cert: client.certificate, key: client.key })).toMatch(/^HTTP\/1.1 200 OK[\s\S]*in$/);
  expect(await ask({})).toContain('No required SSL certificate was sent');
  expect(await ask({ cert: stranger.certificate, key: stranger.key })).toContain('The SSL certificate error');
  const plain = await container.say(443, 'GET / HTTP/1.0\r\n\r\n');
  expect(plain).toContain('The plain HTTP request was sent to HTTPS port');
});
