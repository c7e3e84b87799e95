import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveConnections } from '../bounded-server.ts';
import { FolderHost } from '../folder-host.ts';
import { makeTestPki } from '../test-pki.ts';
import { dashboard, type DashboardCluster } from './dashboard.ts';

const run = promisify(execFile);
let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function node() {
  const pki = await makeTestPki(resources);
  const host = resources.use(await FolderHost.create('node01'));
  const state: { backend: { skipLogin: boolean } | undefined } = { backend: { skipLogin: true } };
  const cluster: DashboardCluster = {
    backend: async () => state.backend,
    get: async (as, path) =>
      as.kind === 'own' || as.token === 'good'
        ? { status: 200, body: { items: [{ metadata: { name: '<db>', namespace: 'shop' } }], path } }
        : { status: 403, body: { kind: 'Status', code: 403 } },
  };
  const accept = dashboard({ certificate: pki.text('server.crt'), key: pki.text('server.key'), cluster });
  resources.use(serveConnections(await host.listen(30_443), accept));
  const curl = async (path: string, ...args: string[]) => {
    try {
      return (
        await run('curl', ['-sk', '--max-time', '10', ...args, `https://127.0.0.1:${host.portOf(30_443) ?? 1}${path}`])
      ).stdout;
    } catch (error) {
      return `curl: ${(error as { code: number }).code}`;
    }
  };
  return { state, curl };
}

test('with skip-login anybody sees what its ServiceAccount sees', async () => {
  const { curl } = await node();
  expect(await curl('/api/v1/login/skippable')).toBe('{"skippable":true}\n');
  expect(JSON.parse(await curl('/api/v1/secret/shop'))).toMatchObject({
    listMeta: { totalItems: 1 },
    secrets: [{ objectMeta: { name: '<db>' } }],
  });
  expect(await curl('/')).toContain('<li>shop/&#60;db&#62;</li>');
});

test('without skip-login a visitor needs a token of its own', async () => {
  const { curl, state } = await node();
  state.backend = { skipLogin: false };
  expect(await curl('/api/v1/secret')).toBe('MSG_LOGIN_UNAUTHORIZED_ERROR\n');
  expect(await curl('/api/v1/secret', '-H', 'Authorization: Bearer bad')).toContain('"code":403');
  expect(JSON.parse(await curl('/api/v1/secret', '-H', 'Authorization: Bearer good'))).toHaveProperty('secrets');
});

test('its port resets while its cluster has none', async () => {
  const { curl, state } = await node();
  state.backend = undefined;
  expect(await curl('/')).toMatch(/^curl: (?:7|35|56)$/);
});
