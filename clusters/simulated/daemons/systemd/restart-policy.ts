import { setting, settingWords, type Settings } from './unit-file.ts';

/** systemd's own where a unit says nothing (systemd.unit(5), systemd.service(5)). */
const BURST = 5;
const INTERVAL_S = 10;
const RESTART_S = 0.1;

/**
 * Seconds until systemd starts a service anew that ended with this status; undefined where it stays failed. A service that would run
 * into its start limit (`StartLimitBurst=` within `StartLimitIntervalSec=`) is said to have done so at once.
 */
export function restartAfter(settings: Settings, status: number): number | undefined {
  const restart = setting(settings, 'Service.Restart') ?? 'no';
  if (restart !== 'always' && !(restart === 'on-failure' && status !== 0)) return undefined;
  if (settingWords(settings, 'Service.RestartPreventExitStatus').includes(String(status))) return undefined;
  const seconds = secondsOf(setting(settings, 'Service.RestartSec')) ?? RESTART_S;
  const burst =
    Number(setting(settings, 'Unit.StartLimitBurst') ?? setting(settings, 'Service.StartLimitBurst')) || BURST;
  const interval =
    secondsOf(setting(settings, 'Unit.StartLimitIntervalSec') ?? setting(settings, 'Service.StartLimitInterval')) ??
    INTERVAL_S;
  if (interval !== 0 && seconds * burst <= interval) return undefined;
  return Math.max(1, seconds); // a unit of the learner's must not keep the server busy
}

/** `5`, `5s`, `100ms`, `2min` (systemd.time(7)), the units that service files use. */
function secondsOf(text: string | undefined): number | undefined {
  const [, amount, unit] = /^([\d.]+)\s*(ms|s|sec|min|m)?$/.exec(text?.trim() ?? '') ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (unit === 'ms' ? 0.001 : unit === 'min' || unit === 'm' ? 60 : 1);
}
