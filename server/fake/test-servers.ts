import { afterEach } from 'vitest';
import type { HostName } from '../../protocol/host.ts';
import { TerminalId } from '../../protocol/ids.ts';
import type { ServeOptions } from '../serve.ts';
import { ApiClient } from './api-client.ts';
import { startFakeServer } from './fake-server.ts';

/** Call once at the top of a test file: returns a way to start servers, which end after their test. */
export function testServers() {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  async function start(options: Partial<ServeOptions> = {}) {
    const { server, backend } = await startFakeServer(options);
    open.push(server);
    return { server, backend, api: new ApiClient(server) };
  }

  /** The same with a lab that is ready. */
  async function startWithLab(options: Partial<ServeOptions> = {}) {
    const { server, backend, api } = await start(options);
    const { id } = await api.ready();
    const host: HostName = 'workstation';
    const address = { lab: id, host, terminal: TerminalId.parse('one') };
    /** Resolves once the server holds that terminal's shell back, or no longer does. */
    const untilPaused = async (paused: boolean): Promise<void> => {
      while (server.terminals.isPaused(address) !== paused) await new Promise((resolve) => setImmediate(resolve));
    };
    return { server, backend, api, id, untilPaused };
  }

  return { start, startWithLab };
}
