import type { Command } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { optionTable, parseLine } from '../command-line.ts';
import {
  change,
  daemonReload,
  ifActive,
  job,
  kill,
  reloadOrRestart,
  resetFailed,
  stop,
  type Verb,
} from './systemctl-jobs.ts';
import { fitsPattern } from '../shell-pattern.ts';
import { editUnits } from './systemctl-edit.ts';
import { listJobs, listSockets, listTimers, listUnitFiles, listUnits } from './systemctl-lists.ts';
import {
  cat,
  getDefault,
  isActive,
  isEnabled,
  isFailed,
  isSystemRunning,
  show,
  showEnvironment,
  status,
} from './systemctl-queries.ts';
import { revert } from './systemctl-revert.ts';
import { SYSTEMD_VERSION } from './version.ts';
import type { UnitManager } from './unit-manager.ts';

const OPTIONS = optionTable(
  '-q --quiet',
  '-s --signal=',
  '--kill-whom=',
  '-l --full',
  '-a --all',
  '-f --force',
  '-n --lines=',
  '-p --property=',
  '-t --type=',
  '-o --output=',
  '--state=',
  '--drop-in=',
  '--stdin',
  '--runtime',
  '--now',
  '--value',
  '--no-pager',
  '--no-legend',
  '--no-block',
  '--plain',
  '--failed',
  '--system',
  '--no-ask-password',
  '--version',
  '-h --help',
);

/** `systemctl` on a host: the verbs of systemctl(1) that concern services, with systemd 252's texts and exit codes. */
export function systemctl(manager: UnitManager, clock: Clock): Command {
  const verbs: typeof VERBS = { ...VERBS, edit: { needsUnit: true, run: editUnits() } };
  return async (call) => {
    const line = parseLine(call.args, OPTIONS);
    if (line.outcome === 'wrong') {
      await call.stderr(`systemctl: ${line.complaint}\n`);
      return 1;
    }
    if (line.options.has('version')) {
      await call.stdout(SYSTEMD_VERSION);
      return 0;
    }
    const [name = 'list-units', ...words] = line.words;
    const verb = verbs[name];
    if (line.options.has('help') || verb === undefined) {
      await call.stderr(
        verb === undefined ? `${refusal(name)}\n` : `not simulated: systemctl --help; see man systemctl\n`,
      );
      return 1;
    }
    if (verb.needsUnit === true && words.length === 0) {
      await call.stderr('Too few arguments.\n');
      return 1;
    }
    if (call.uid !== undefined && verb.isQuery !== true) {
      await call.stderr(
        deniedText(
          name,
          words.map((word) => manager.canonical(word)),
        ),
      );
      return 1;
    }
    const units = words.flatMap((word) => namesOf(word, manager));
    const strange = (await manager.disk()).unmodelled.find((one) => units.includes(one));
    if (strange !== undefined) {
      await call.stderr(`not simulated: units of type ${strange.slice(strange.lastIndexOf('.') + 1)}\n`);
      return 1;
    }
    return verb.run({ manager, call, options: line.options, asked: words, units, clock });
  };
}

/** A name's canonical form, or the units that fit a pattern. */
function namesOf(word: string, manager: UnitManager): readonly string[] {
  if (!/[*?]/.test(word)) return [manager.canonical(word)];
  return manager.views().flatMap(({ definition: { name } }) => (fitsPattern(name, word) ? [name] : []));
}

/** What a user other than root is told by polkit, with no agent to ask for a password. */
function deniedText(verb: string, units: readonly string[]): string {
  const why = 'Interactive authentication required.';
  if (verb === 'daemon-reload') return `Failed to reload daemon: ${why}\n`;
  if (['enable', 'disable', 'mask', 'unmask'].includes(verb)) return `Failed to ${verb} unit: ${why}\n`;
  return units
    .map((unit) => `Failed to ${verb} ${unit}: ${why}\nSee system logs and 'systemctl status ${unit}' for details.\n`)
    .join('');
}

function refusal(verb: string): string {
  return NOT_SIMULATED.has(verb) ? `not simulated: systemctl ${verb}` : `Unknown command verb ${verb}.`;
}

const NOT_SIMULATED = new Set(
  'reboot poweroff halt suspend isolate freeze thaw set-property list-dependencies link preset preset-all set-default set-environment unset-environment import-environment log-level log-target service-log-level help cancel clean add-wants add-requires switch-root default hibernate rescue emergency kexec'.split(
    ' ',
  ),
);

const VERBS: Readonly<Record<string, { readonly needsUnit?: boolean; readonly isQuery?: true; readonly run: Verb }>> = {
  start: { needsUnit: true, run: job('start', (manager, unit) => manager.start(unit)) },
  stop: { needsUnit: true, run: stop },
  restart: { needsUnit: true, run: job('restart', (manager, unit) => manager.restart(unit)) },
  'try-restart': {
    needsUnit: true,
    run: job(
      'try-restart',
      ifActive((manager, unit) => manager.restart(unit)),
    ),
  },
  reload: { needsUnit: true, run: job('reload', (manager, unit) => manager.reload(unit)) },
  'reload-or-restart': { needsUnit: true, run: job('reload-or-restart', reloadOrRestart) },
  kill: { needsUnit: true, run: kill },
  'reset-failed': { run: resetFailed },
  status: { isQuery: true, run: status },
  'is-active': { isQuery: true, needsUnit: true, run: isActive },
  'is-failed': { isQuery: true, needsUnit: true, run: isFailed },
  'is-enabled': { isQuery: true, needsUnit: true, run: isEnabled },
  enable: { needsUnit: true, run: change('enable', (manager, unit) => manager.enable(unit), 'start') },
  disable: { needsUnit: true, run: change('disable', (manager, unit) => manager.disable(unit), 'stop') },
  mask: { needsUnit: true, run: change('mask', (manager, unit) => manager.mask(unit), 'stop') },
  unmask: { needsUnit: true, run: change('unmask', (manager, unit) => manager.unmask(unit)) },
  'daemon-reload': { run: daemonReload },
  'daemon-reexec': { run: daemonReload },
  revert: { needsUnit: true, run: revert },
  cat: { isQuery: true, needsUnit: true, run: cat },
  show: { isQuery: true, needsUnit: true, run: show },
  'list-units': { isQuery: true, run: listUnits },
  'list-unit-files': { isQuery: true, run: listUnitFiles },
  'list-sockets': { isQuery: true, run: listSockets },
  'list-timers': { isQuery: true, run: listTimers },
  'list-jobs': { isQuery: true, run: listJobs },
  'get-default': { isQuery: true, run: getDefault },
  'show-environment': { isQuery: true, run: showEnvironment },
  'is-system-running': { isQuery: true, run: isSystemRunning },
};
