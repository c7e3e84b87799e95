import type { Readable } from 'node:stream';
import type { LiveProgram, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Launch, Unit } from './unit.ts';

/** What has no line's end by then is taken for a line; the journal keeps no more of one. */
const MAX_LINE = 4096;

/** Says its number and becomes the program. */
const NUMBERED = 'echo $$; exec "$@"';

/** A unit that no daemon of ours stands behind: its real program runs on the host, and what it says reaches the journal line by line. */
export interface HostProgram extends Unit {
  /** The number of its process on the host, or of its last one. */
  readonly pid: number | undefined;
  /** Sends it a signal, as `kill` on the host does. */
  signal(signal: number): Promise<void>;
}

export function hostProgram(host: SimulatedHost): HostProgram {
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  let pid: number | undefined;
  return {
    get pid() {
      return pid;
    },
    async start(launch) {
      const program = launch.argv[0] ?? '';
      const found = await host.exec(['test', '-x', program], { signal: AbortSignal.timeout(10_000) });
      if (found.exitCode !== 0)
        return { status: 203, lines: [`Failed to locate executable ${program}: No such file or directory`] };
      const abort = new AbortController();
      const live = await host.spawn(['/bin/sh', '-c', NUMBERED, 'sh', ...launch.argv], {
        env: launch.environment,
        cwd: '/',
        signal: abort.signal,
      });
      live.stdin.end();
      const number = Promise.withResolvers<number | undefined>();
      const ended = hear(live, launch, number.resolve)
        .then((status) => launch.exited(status))
        .catch((error: unknown) => {
          if (!abort.signal.aborted) launch.log(String(error)); // an abort is `systemctl stop`
        })
        .finally(() => number.resolve(undefined));
      running = { abort, ended };
      pid = await number.promise;
      return undefined;
    },
    async signal(signal) {
      if (running === undefined || pid === undefined) return;
      await host.exec(['kill', `-${signal}`, String(pid)], { signal: AbortSignal.timeout(10_000) });
    },
    async stop() {
      running?.abort.abort();
      await running?.ended;
      running = undefined;
    },
  };
}

/** Resolves to its status once all that it has said is in the journal. */
async function hear(live: LiveProgram, launch: Launch, begun: (pid: number) => void): Promise<number> {
  let isFirst = true;
  const log = (line: string): void => void (line !== '' && launch.log(line));
  const said = Promise.all([
    lines(live.stdout, (line) => {
      if (isFirst) begun(Number(line));
      else log(line);
      isFirst = false;
    }),
    lines(live.stderr, log),
  ]);
  const status = await live.exited;
  await said;
  return status;
}

/** Resolves at the end of the stream. */
function lines(stream: Readable, take: (line: string) => void): Promise<void> {
  let open = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const parts = (open + text).split('\n');
    open = parts.pop() ?? '';
    for (const part of parts) take(part);
    for (; open.length >= MAX_LINE; open = open.slice(MAX_LINE)) take(open.slice(0, MAX_LINE));
  });
  return new Promise((resolve) => {
    stream.once('end', () => {
      if (open !== '') take(open);
      resolve();
    });
  });
}
