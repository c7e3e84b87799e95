import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Launch, StartFailure, Unit } from '../../daemons/systemd/unit.ts';
import { Judge } from './alert.ts';
import type { ContainerEvents } from './events.ts';
import { type Loaded, loadFalco } from './load.ts';
import { type FalcoOptions, parseOptions } from './options.ts';
import { Watch } from './watch.ts';
import { startWords } from './words.ts';

export interface FalcoDaemonRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly events: ContainerEvents;
}

/** Where its package has it. */
export const FALCO_PROGRAM = '/usr/bin/falco';

/** An editor writes a file in several steps; milliseconds. */
const SETTLE_MS = 200;

/**
 * falco as a service: reads its files when it starts, again when it is told to, and when one of them changes (`watch_config_files`); rules
 * that are wrong by then are told and not taken. Its standard output goes nowhere, as its unit says: alerts go to the journal.
 */
export function falcoDaemon({ host, clock, events }: FalcoDaemonRequest): Unit {
  let watch: Watch | undefined;
  let watching: Disposable[] = [];
  let later: Disposable | undefined;

  const rest = async (): Promise<void> => {
    later?.[Symbol.dispose]();
    for (const one of watching) one[Symbol.dispose]();
    watching = [];
    await watch?.[Symbol.asyncDispose]();
    watch = undefined;
  };
  const begin = async (launch: Launch, options: FalcoOptions, loaded: Extract<Loaded, { outcome: 'loaded' }>) => {
    const judge = new Judge(loaded.configuration, loaded.rules, host.name);
    for (const line of startWords(launch.argv, loaded, judge)) launch.log(line);
    watch = new Watch({
      host,
      clock,
      events,
      loaded,
      judge,
      stdout: () => undefined,
      syslog: (line) => launch.log(line),
    });
    if (!loaded.configuration.watch_config_files) return;
    const changed = (): void => {
      later?.[Symbol.dispose]();
      later = clock.after(SETTLE_MS, () => void again(launch, options).catch(() => undefined)); // the host is gone
    };
    const named = options.rulesFiles.length > 0 ? options.rulesFiles : loaded.configuration.rules_files;
    watching = await Promise.all([loaded.configFile, ...named].map((path) => host.watch(path, changed)));
  };
  const again = async (launch: Launch, options: FalcoOptions): Promise<StartFailure | undefined> => {
    if (watch === undefined) return undefined;
    launch.log('SIGHUP received, restarting...');
    const loaded = await loadFalco(host, options);
    if (loaded.outcome === 'refused') {
      for (const line of loaded.problem.split('\n')) launch.log(line);
      launch.log('Falco goes on with what it has: the new configuration is not valid');
      return undefined;
    }
    await rest();
    await begin(launch, options, loaded);
    return undefined;
  };
  const optionsOf = ({ argv }: Launch): FalcoOptions | string => {
    const parsed = parseOptions(argv.slice(1));
    if ('problem' in parsed) return parsed.problem;
    return parsed.options.asks === 'watch' ? parsed.options : 'not simulated: falco as a service that does not watch';
  };

  return {
    async start(launch) {
      const options = optionsOf(launch);
      const loaded: Loaded =
        typeof options === 'string' ? { outcome: 'refused', problem: options } : await loadFalco(host, options);
      if (typeof options === 'string' || loaded.outcome === 'refused') {
        const problem = loaded.outcome === 'refused' ? loaded.problem : '';
        return { status: 1, lines: `Error: ${problem}`.split('\n') };
      }
      await begin(launch, options, loaded);
      return undefined;
    },
    async stop() {
      await rest();
    },
    async reload(launch) {
      const options = optionsOf(launch);
      return typeof options === 'string' ? { status: 1, lines: [options] } : again(launch, options);
    },
  };
}
