import { randomBytes } from 'node:crypto';
import { silentLog } from '../log.ts';
import { type RunningServer, serve, type ServeOptions } from '../serve.ts';
import { openSqliteLabStore } from '../store/sqlite-lab-store.ts';
import { FakeBackend } from './fake-backend.ts';
import { fakeScenario, shelfOf } from './fake-scenario.ts';

/** A real server on a free port over a backend and a scenario in memory. */
export async function startFakeServer(
  options: Partial<ServeOptions> = {},
): Promise<{ server: RunningServer; backend: FakeBackend }> {
  const backend = new FakeBackend();
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    backends: new Map([[backend.name, backend]]),
    shelf: shelfOf(fakeScenario()),
    store: openSqliteLabStore(':memory:'),
    webDirectory: '/nonexistent',
    clock: Date,
    random: (bytes) => randomBytes(bytes),
    log: silentLog,
    ...options,
  });
  return { server, backend };
}
