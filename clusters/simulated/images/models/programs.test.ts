import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import { NGINX_FILES } from '../files.ts';
import type { Model } from './model.ts';
import { nginx } from './nginx/nginx.ts';
import type { ProgramContext } from './program.ts';
import { IMAGE_PROGRAMS } from './programs.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { type TestContainer, testContainer } from './test-container.ts';

const contextIn = (container: TestContainer, files: Readonly<Record<string, string>> = {}): ProgramContext => ({
  tag: '1.27',
  env: {},
  files: {
    read: (path) => Promise.resolve(files[path] === undefined ? undefined : Buffer.from(files[path])),
    list: (folder) => Promise.resolve(Object.keys(files).flatMap((path) => nameIn(folder, path))),
    refusal: () => undefined,
  },
  uid: 0,
  now: () => Date.parse('2026-01-02T03:04:05Z'),
  resolve: (host) => Promise.resolve(host),
  dial: (_, port) => Promise.resolve(container.server?.listens.includes(port) ? container.connect(port) : undefined),
  server: undefined,
});
const nameIn = (folder: string, path: string): string[] =>
  path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [];

/** A program of an image, called as a shell would; `+` is a space within a word. */
async function call(
  line: string,
  context: ProgramContext,
  { env = {}, input = '' }: { readonly env?: CommandCall['env']; readonly input?: string } = {},
): Promise<{ status: number; out: string; err: string }> {
  const [name = '', ...args] = line.split(' ').map((word) => word.replaceAll('+', ' '));
  const program = Object.values(IMAGE_PROGRAMS)
    .flatMap((programs) => Object.entries(programs))
    .find(([path]) => path.endsWith(`/${name}`))?.[1];
  if (program === undefined) throw new Error(name);
  let [out, err] = ['', ''];
  const status = await program(
    {
      host: 'node01',
      args,
      cwd: '/',
      env,
      stdin: Readable.from([Buffer.from(input)]),
      columns: undefined,
      signal: AbortSignal.timeout(5000),
      stdout: (text) => Promise.resolve(void (out += text)),
      stderr: (text) => Promise.resolve(void (err += text)),
    },
    context,
  );
  return { status, out, err };
}

describe('nginx by hand', () => {
  const start = async (files: Readonly<Record<string, string>>): Promise<ProgramContext> =>
    contextIn(await testContainer(nginx, files), files);

  it('tells whether the configuration would do', async () => {
    const path = '/etc/nginx/nginx.conf';
    const well = `nginx: the configuration file ${path} syntax is ok\nnginx: configuration file ${path} test is successful\n`;
    expect(await call('nginx -t', await start(NGINX_FILES))).toEqual({ status: 0, out: '', err: well });
    const bad = await start({ ...NGINX_FILES, '/etc/nginx/conf.d/default.conf': 'server {\n  lissen 80;\n}\n' });
    expect(await call('nginx -t', bad)).toEqual({
      status: 1,
      out: '',
      err: `nginx: [emerg] unknown directive "lissen" in /etc/nginx/conf.d/default.conf:2\nnginx: configuration file ${path} test failed\n`,
    });
  });

  it('has the server of the container read its configuration again, unless that is wrong', async () => {
    const files = { ...NGINX_FILES };
    const container = await testContainer(nginx, files);
    const server = { reload: async () => container.server?.reload?.(), stop: () => undefined };
    const context = { ...contextIn(container, files), server };
    expect(container.server?.listens).toEqual([80]);
    files['/etc/nginx/conf.d/default.conf'] = 'server { listen 8080; return 200 two; }';
    expect((await call('nginx -s reload', context)).status).toBe(0);
    expect(container.server?.listens).toEqual([8080]);
    files['/etc/nginx/conf.d/default.conf'] = 'server {';
    expect(await call('nginx -s reload', context)).toMatchObject({ status: 1 });
    expect(container.server?.listens).toEqual([8080]);
  });

  it('does not start a second server on the same port', async () => {
    const context = {
      ...(await start(NGINX_FILES)),
      server: { reload: () => Promise.resolve(), stop: () => undefined },
    };
    const { status, err } = await call('nginx', context);
    expect([status, err]).toEqual([1, 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n']);
  });
});

describe('redis-cli', () => {
  it('asks a server, with a password if it is given one', async () => {
    const context = contextIn(await testContainer(redis, {}, { argv: ['redis-server', '--requirepass', 'hush'] }));
    expect(await call('redis-cli ping', context)).toMatchObject({
      status: 0,
      out: 'NOAUTH Authentication required.\n\n',
    });
    expect(await call('redis-cli -e ping', context)).toMatchObject({ status: 1 });
    expect(await call('redis-cli ping', context, { env: { REDISCLI_AUTH: 'hush' } })).toMatchObject({ out: 'PONG\n' });
    const lines = 'set greeting "hello there"\nget greeting\nkeys *\n';
    const { out } = await call('redis-cli -a hush --no-auth-warning', context, { input: lines });
    expect(out).toBe('OK\nhello there\ngreeting\n');
  });

  it('says so when nobody answers', async () => {
    const context = contextIn(await testContainer(redis, {}));
    const said = 'Could not connect to Redis at 127.0.0.1:7000: Connection refused\n';
    expect(await call('redis-cli -p 7000 ping', context)).toEqual({ status: 1, out: said, err: '' });
  });
});

describe('psql', () => {
  const start = (model: Model): Promise<TestContainer> =>
    testContainer(model, {}, { env: { POSTGRES_PASSWORD: 'hush' } });

  it('logs in with the password of PGPASSWORD and shows tables', async () => {
    const context = contextIn(await start(postgres));
    const known = { env: { PGPASSWORD: 'hush' } };
    const shown = ' ?column?\n----------\n        1\n(1 row)\n\n';
    const { out, status } = await call('psql -h db -U postgres -c select+1', context, known);
    expect([status, out.replaceAll(/ +\n/g, '\n')]).toEqual([0, shown]);
    expect(await call('psql -h db -U postgres -tAc select+5', context, known)).toMatchObject({ out: '5\n' });
    const refused = 'psql: error: connection to server at "db", port 5432 failed: ';
    expect(await call('psql -h db -U postgres -c select+1', context)).toMatchObject({
      status: 2,
      err: `${refused}fe_sendauth: no password supplied\n`,
    });
    expect(await call('psql -h db -U postgres', context, { env: { PGPASSWORD: 'no' } })).toMatchObject({
      status: 2,
      err: `${refused}FATAL:  password authentication failed for user "postgres"\n`,
    });
  });

  it('has a companion that tells whether a server answers', async () => {
    const context = contextIn(await start(postgres));
    expect(await call('pg_isready', context)).toMatchObject({
      status: 0,
      out: '/var/run/postgresql:5432 - accepting connections\n',
    });
    expect(await call('pg_isready -p 1', context)).toMatchObject({ status: 2 });
  });
});
