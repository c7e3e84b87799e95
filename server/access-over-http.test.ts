import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startFakeServer } from './fake/fake-server.ts';
import type { RunningServer, ServeOptions } from './serve.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const { server } = await startFakeServer(options);
  open.push(server);
  return server;
}

/** A request as no browser sends it: fetch mends paths and may not name its own Host. */
async function raw(server: RunningServer, path: string, host: string): Promise<IncomingMessage> {
  const headers = { host, authorization: `Bearer ${server.token}` };
  const sent = request({ host: '127.0.0.1', port: server.port, path, headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response.resume();
}

describe('signing in', () => {
  test('turns the token of the printed URL into a cookie that only this site’s requests carry', async () => {
    const server = await start();
    const response = await fetch(`${server.url}&lab=x`, { redirect: 'manual' });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/?lab=x');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const labs = await fetch(`${server.origin}/api/labs`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(await labs.json()).toEqual([]);
  });

  test.each([
    ['no token', {}],
    ['a wrong bearer', { authorization: 'Bearer wrong' }],
    ['a wrong cookie', { cookie: 'breachlab-1=x' }],
  ])('with %s is refused with what to do', async (_name, headers: Record<string, string>) => {
    const server = await start();
    const response = await fetch(`${server.origin}/api/labs`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ status: 401, nextStep: expect.stringContaining('Open the URL') });
  });

  test('with a wrong token in the URL is refused without a cookie', async () => {
    const server = await start();
    const response = await fetch(`${server.origin}/?token=wrong`, { redirect: 'manual' });
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  test('opening an old URL does no harm to whoever is signed in', async () => {
    const server = await start();
    const headers = { cookie: `breachlab-${server.port}=${server.token}` };
    const response = await fetch(`${server.origin}/labs/x?token=old`, { redirect: 'manual', headers });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/labs/x');
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  test('never redirects to another site', async () => {
    const server = await start();
    for (const path of ['//evil.example/', '/.//evil.example/', '/\\\\evil.example/', '///evil.example/']) {
      const { headers } = await raw(server, `${path}?token=${server.token}`, 'localhost');
      expect(headers.location).toMatch(/^\/([^/\\]|$)/);
    }
  });
});

describe('another web site', () => {
  test.each([
    ['its origin', 'http://evil.example'],
    ['no origin to tell', 'null'],
    ['another port of this machine', 'http://127.0.0.1:1'],
  ])('with %s is refused', async (_name, origin) => {
    const server = await start();
    const headers = { authorization: `Bearer ${server.token}`, origin };
    const response = await fetch(`${server.origin}/api/labs`, { method: 'POST', headers });
    expect(response.status).toBe(403);
  });

  test('cannot use a name of its own for this server', async () => {
    const server = await start({ hostNames: ['labs.example'] });
    expect((await raw(server, '/api/labs', `evil.example:${server.port}`)).statusCode).toBe(403);
    expect((await raw(server, '/api/labs', `localhost:${server.port}`)).statusCode).toBe(200);
    expect((await raw(server, '/api/labs', `[::1]:${server.port}`)).statusCode).toBe(200);
    expect((await raw(server, '/api/labs', 'labs.example')).statusCode).toBe(200);
  });
});

describe('the page', () => {
  async function built(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), '.breachlab-page-')); /* hidden, as ~/.local is */
    open.push({ [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) });
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), '<title>Breachlab</title>');
    await writeFile(join(directory, 'assets', 'main-abc123.js'), 'export {};');
    return directory;
  }

  test.each(['/', '/labs/abcdefghij'])('answers at %s, asked for again each time', async (path) => {
    const server = await start({ webDirectory: await built() });
    const response = await fetch(`${server.origin}${path}`);
    expect(await response.text()).toContain('Breachlab');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test('has assets that browsers keep', async () => {
    const server = await start({ webDirectory: await built() });
    const response = await fetch(`${server.origin}/assets/main-abc123.js`);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  test.each([
    ['a path that there is not', '/no/such', 404, 'There is nothing at /no/such.'],
    ['a token of an earlier server', '/?token=old', 401, 'Use the URL that it printed last.'],
  ])('says to a browser that opens %s what is wrong, in words', async (_name, path, status, words) => {
    const server = await start({ webDirectory: await built() });
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const response = await fetch(`${server.origin}${path}`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain(`<p>${words}</p>`);
  });

  test('does not stand in for an asset that is missing, nor for a file outside', async () => {
    const server = await start({ webDirectory: await built() });
    for (const path of ['/assets/old.js', '/..%2f..%2fetc/passwd', '/.env']) {
      expect((await fetch(`${server.origin}${path}`)).status).toBe(404);
    }
  });

  test('that is not built says how to build it', async () => {
    const server = await start();
    expect(await (await fetch(server.origin)).json()).toMatchObject({
      status: 503,
      nextStep: expect.stringContaining('vite'),
    });
  });

  test('comes with headers that forbid frames, foreign scripts and referrers', async () => {
    const server = await start({ webDirectory: await built() });
    const { headers } = await fetch(server.origin);
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
