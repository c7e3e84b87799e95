import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Unit } from './unit.ts';

/** Output of a program that its journal keeps. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** A unit that no daemon of ours stands behind runs its real program on the host. Its output reaches the journal when it ends. */
export function hostProgram(host: SimulatedHost): Unit {
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  return {
    async start(launch) {
      const program = launch.argv[0] ?? '';
      const found = await host.exec(['test', '-x', program], { signal: AbortSignal.timeout(10_000) });
      if (found.exitCode !== 0)
        return { status: 203, lines: [`Failed to locate executable ${program}: No such file or directory`] };
      const abort = new AbortController();
      const ended = host
        .exec(launch.argv, { signal: abort.signal, maxBytes: MAX_OUTPUT_BYTES, env: launch.environment })
        .then((result) => {
          for (const line of Buffer.concat([result.stdout, result.stderr]).toString('utf8').split('\n').filter(Boolean))
            launch.log(line);
          launch.exited(result.exitCode);
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) launch.log(String(error)); // an abort is `systemctl stop`
        });
      running = { abort, ended };
      return undefined;
    },
    async stop() {
      running?.abort.abort();
      await running?.ended;
      running = undefined;
    },
  };
}
