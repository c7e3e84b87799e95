import { expect, test } from 'vitest';
import { agnhost } from './agnhost.ts';
import { httpEcho } from './http-echo.ts';
import { testContainer } from './test-container.ts';

const get = (path: string, header = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: web\r\n${header}Connection: close\r\n\r\n`;

test('http-echo says its text on every path, with the status it was told, and that it is well', async () => {
  const argv = ['/http-echo', '-text=apple', '--listen', ':8080', '-status-code=418'];
  const echo = await testContainer(httpEcho, {}, { argv, tag: '1.0.0' });
  expect(echo.server?.listens).toEqual([8080]);
  expect(await echo.say(8080, get('/any?x'))).toMatch(/^HTTP\/1\.1 418 [^]*X-App-Version: 1\.0\.0[^]*\r\n\r\napple\n$/);
  expect(await echo.say(8080, get('/health'))).toMatch(/^HTTP\/1\.1 200 [^]*\{"status":"ok"\}\n$/);
  expect(echo.log[0]).toBe('2026/01/02 03:04:05 [INFO] server is listening on :8080');
  expect(echo.log[1]).toMatch(/ web .* "GET \/any HTTP\/1\.1" 418 6 "" /);
});

test('http-echo has a text of its own since 1.0, and takes one from its environment', async () => {
  expect(await (await testContainer(httpEcho, {}, { argv: ['/http-echo'] })).say(5678, get('/'))).toContain(
    'hello-world\n',
  );
  const env = { ECHO_TEXT: 'pear' };
  expect(await (await testContainer(httpEcho, {}, { argv: ['/http-echo'], env })).say(5678, get('/'))).toContain(
    'pear\n',
  );
});

test.each([
  [['-frob'], '1.0', 2, 'flag provided but not defined: -frob'],
  [['-status-code', 'x'], '1.0', 2, 'invalid value "x" for flag -status-code: parse error'],
  [['-status-code=201'], '0.2.3', 2, 'flag provided but not defined: -status-code'],
  [[], '0.2.3', 127, 'Missing -text option!'],
  [['-text=a', 'b'], '1.0', 127, 'Too many arguments!'],
  [['-version'], '0.2.3', 0, 'http-echo v0.2.3'],
  [['-text=a', '-listen=8080'], '1.0', 1, '2026/01/02 03:04:05 [INFO] server is listening on 8080'],
])('http-echo %j of %s ends with %i', async (args, tag, exitCode, line) => {
  const echo = await testContainer(httpEcho, {}, { argv: ['/http-echo', ...args], tag });
  expect(echo.exitCode).toBe(exitCode);
  expect(echo.log[0]).toBe(line);
});

test('agnhost netexec tells its name, an echo and a header, and refuses what it is not modelled to do', async () => {
  const argv = ['/agnhost', 'netexec', '--http-port=8081'];
  const host = await testContainer(agnhost, {}, { argv, env: { HOSTNAME: 'web-1' } });
  expect(await host.say(8081, get('/hostName'))).toMatch(/\r\n\r\nweb-1$/);
  expect(await host.say(8081, get('/echo?msg=hi'))).toMatch(/\r\n\r\nhi$/);
  expect(await host.say(8081, get('/header?key=X-A', 'X-A: b\r\n'))).toMatch(/\r\n\r\nb$/);
  expect(await host.say(8081, get('/'))).toMatch(/\r\n\r\nNOW: 2026-01-02 03:04:05\.000 \+0000 UTC m=\+/);
  expect(await host.say(8081, get('/shell?cmd=id'))).toContain('not simulated: /shell');
});

test('agnhost pauses, and says what it is not modelled to do', async () => {
  expect((await testContainer(agnhost, {}, { argv: ['/agnhost', 'pause'] })).log).toEqual(['Paused']);
  const other = await testContainer(agnhost, {}, { argv: ['/agnhost', 'stress'] });
  expect([other.exitCode, other.log[0]]).toEqual([1, expect.stringContaining('not simulated: agnhost stress')]);
});
