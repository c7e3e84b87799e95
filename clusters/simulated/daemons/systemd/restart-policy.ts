import { type Ending, isClean, signalName } from './ending.ts';
import { setting, settingWords, type Settings } from './unit-file.ts';

/** systemd's own where a unit says nothing (systemd.unit(5), systemd.service(5)). */
const BURST = 5;
const INTERVAL_S = 10;
const RESTART_S = 0.1;

/**
 * Seconds until systemd starts a service anew that could not start and ended so; undefined where it stays failed. A service that would run
 * into its start limit is said to have done so at once.
 */
export function restartAfter(settings: Settings, ending: Ending): number | undefined {
  if (!isRestarted(settings, ending)) return undefined;
  const seconds = pauseOf(settings);
  const { burst, interval } = startLimit(settings);
  if (interval !== 0 && seconds * burst <= interval) return undefined;
  return Math.max(1, seconds); // a unit of the learner's must not keep the server busy
}

/** The same of a service that has run; `starts` are the seconds since each of its starts. */
export function restartAfterRunning(
  settings: Settings,
  ending: Ending,
  starts: readonly number[],
): number | 'too-often' | undefined {
  if (!isRestarted(settings, ending)) return undefined;
  const { burst, interval } = startLimit(settings);
  if (starts.filter((ago) => ago < interval).length >= burst) return 'too-often';
  return Math.max(1, pauseOf(settings));
}

/** By `Restart=` and `RestartPreventExitStatus=` (systemd.service(5)). */
function isRestarted(settings: Settings, ending: Ending): boolean {
  const prevented = settingWords(settings, 'Service.RestartPreventExitStatus');
  const isSignal = ending.code === 'killed';
  if (prevented.includes(isSignal ? `SIG${signalName(ending.signal)}` : String(ending.status))) return false;
  switch (setting(settings, 'Service.Restart')) {
    case 'always':
      return true;
    case 'on-success':
      return isClean(ending);
    case 'on-failure':
      return !isClean(ending);
    case 'on-abnormal':
    case 'on-abort':
      return isSignal && !isClean(ending);
    default:
      return false;
  }
}

const pauseOf = (settings: Settings): number => secondsOf(setting(settings, 'Service.RestartSec')) ?? RESTART_S;

/** `StartLimitBurst=` within `StartLimitIntervalSec=`, which older units have among those of the service. */
function startLimit(settings: Settings): { readonly burst: number; readonly interval: number } {
  const burst = setting(settings, 'Unit.StartLimitBurst') ?? setting(settings, 'Service.StartLimitBurst');
  const interval = setting(settings, 'Unit.StartLimitIntervalSec') ?? setting(settings, 'Service.StartLimitInterval');
  return { burst: Number(burst) || BURST, interval: secondsOf(interval) ?? INTERVAL_S };
}

/** `5`, `5s`, `100ms`, `2min` (systemd.time(7)), the units that service files use. */
function secondsOf(text: string | undefined): number | undefined {
  const [, amount, unit] = /^([\d.]+)\s*(ms|s|sec|min|m)?$/.exec(text?.trim() ?? '') ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (unit === 'ms' ? 0.001 : unit === 'min' || unit === 'm' ? 60 : 1);
}
