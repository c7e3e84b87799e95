import type { Host, Vantage } from '../../cluster.ts';

/** Milliseconds that somebody waits at most; on an idle machine it is less than 100. */
const LONGEST_MS = 3000;

/**
 * A host as it is met from outside of the lab: what is begun there, or dialled from there, finds a cluster whose Services lead where its API
 * says. A lab's shells open before its pods are on the network, and rules follow what the API takes; both are a matter of moments. Where there
 * is no network the host has what there is.
 */
export function onNetwork(host: Host, settled: () => Promise<void>): Host {
  return {
    name: host.name,
    readFile: (...read) => host.readFile(...read),
    writeFile: (...write) => host.writeFile(...write),
    openShell: (options) => host.openShell(options),
    async exec(argv, options) {
      await atRest(settled, options.signal);
      return host.exec(argv, options);
    },
    ...dialsOnNetwork(host, settled),
  };
}

/** The same for who only dials. */
export function dialsOnNetwork(vantage: Vantage, settled: () => Promise<void>): Vantage {
  return {
    async dial(to, port, signal) {
      await atRest(settled, signal);
      return vantage.dial(to, port, signal);
    },
  };
}

/** Resolves when that does, or will not, or when it has taken too long. */
export async function atRest(settled: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<void>();
  const enough = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  enough.addEventListener('abort', () => late.resolve(), { once: true });
  await Promise.race([settled().catch(() => undefined), late.promise]);
}
