import type { Model } from './model.ts';

/** How often it looks for its pool. */
const RETRY_MS = 10_000;
const DIAL_MS = 5000;
const POOL = 'donate.v2.xmrig.com:3333';

/** xmrig as a defender sees it: it logs, and tries to reach its pool (`-o HOST:PORT`) from the pod's network. It mines nothing. */
export const miner: Model = async ({ argv, log, now, resolve, dial }) => {
  const at = argv.findIndex((word) => word === '-o' || word === '--url');
  const pool = ((at < 0 ? undefined : argv[at + 1]) ?? POOL).replace(/^stratum\+(tcp|ssl):\/\//, '');
  const [host = '', port = '3333'] = pool.split(':');
  const say = (text: string): void => log(`[${new Date(now()).toISOString().slice(0, 23).replace('T', ' ')}]  ${text}`);
  log(' * ABOUT        XMRig/6.22.2 (the lab’s model: it mines nothing)');
  log(` * POOL #1      ${pool} algo auto`);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let before: string | undefined;
  const look = async (): Promise<void> => {
    const address = await resolve(host);
    const connection =
      address === undefined ? undefined : await dial(address, Number(port), AbortSignal.timeout(DIAL_MS));
    connection?.on('error', () => undefined);
    connection?.destroy();
    const outcome =
      address === undefined
        ? 'DNS error: "unknown node or service"'
        : connection === undefined
          ? 'connect error: "connection refused"'
          : 'use pool';
    // A log without an end is nobody's gain.
    if (outcome !== before) say(outcome === 'use pool' ? ` net      use pool ${pool}` : ` net      ${pool} ${outcome}`);
    before = outcome;
    if (!isOver) timer = setTimeout(() => void look().catch(() => undefined), RETRY_MS).unref();
  };
  await look().catch(() => undefined);
  return {
    server: {
      listens: [],
      accept: (_, socket) => void socket.destroy(),
      [Symbol.dispose]() {
        isOver = true;
        clearTimeout(timer);
      },
    },
  };
};
