import type { CommandCall } from '../../hosts/simulated-host.ts';
import { lastOption, type Options } from '../command-line.ts';
import type { Clock } from '../../clock.ts';
import { signalNumber } from './ending.ts';
import type { UnitDefinition, UnitDisk } from './unit-files.ts';
import type { UnitManager } from './unit-manager.ts';
import type { FileChange, JobResult } from './unit-view.ts';

export interface SystemctlRequest {
  readonly manager: UnitManager;
  readonly call: CommandCall;
  readonly options: Options;
  /** As they were given: names, or patterns of them. */
  readonly asked: readonly string[];
  /** Canonical names, with those that patterns fit. */
  readonly units: readonly string[];
  readonly clock: Clock;
}

/** Carries out one verb of systemctl; returns the exit status. */
export type Verb = (request: SystemctlRequest) => Promise<number>;

export function job(verb: string, run: (manager: UnitManager, unit: string) => Promise<JobResult>): Verb {
  return async ({ manager, call, units }) => {
    let code = 0;
    for (const unit of units) {
      await warnOfChanges(manager, call, unit);
      const result = await run(manager, unit);
      const complaint = jobComplaint(verb, unit, result);
      if (complaint === undefined) continue;
      await call.stderr(`${complaint}\n`);
      code = result.outcome === 'not-found' ? 5 : 1;
    }
    return code;
  };
}

function jobComplaint(verb: string, unit: string, result: JobResult): string | undefined {
  const head = `Failed to ${verb} ${unit}: `;
  const see = `See "systemctl status ${unit}" and "journalctl -xeu ${unit}" for details.`;
  switch (result.outcome) {
    case 'done':
      return undefined;
    case 'not-found':
      return `${head}Unit ${unit} ${verb === 'stop' ? 'not loaded' : 'not found'}.`;
    case 'masked':
      return `${head}Unit ${unit} is masked.`;
    case 'bad-setting':
      return `${head}Unit ${unit} has a bad unit file setting.\nSee system logs and 'systemctl status ${unit}' for details.`;
    case 'inactive':
      return `${unit} is not active, cannot reload.`;
    case 'no-reload':
      return `${head}Job type reload is not applicable for unit ${unit}.`;
    case 'dependency':
      return `A dependency job for ${unit} failed. See 'journalctl -xe' for details.`;
    case 'failed':
      return verb === 'reload' || unit.endsWith('.socket')
        ? `Job for ${unit} failed.\n${see}`
        : `Job for ${unit} failed because the control process exited with error code.\n${see}`;
    default:
      return result.outcome satisfies never;
  }
}

export function ifActive(run: (manager: UnitManager, unit: string) => Promise<JobResult>) {
  return async (manager: UnitManager, unit: string): Promise<JobResult> =>
    manager.view(unit)?.state.active === 'inactive' ? { outcome: 'done' } : run(manager, unit);
}

export async function reloadOrRestart(manager: UnitManager, unit: string): Promise<JobResult> {
  const result = await manager.reload(unit);
  return result.outcome === 'inactive' || result.outcome === 'no-reload' ? manager.restart(unit) : result;
}

/** enable, disable, mask and unmask change links; `--now` adds the job that goes with it. */
export function change(
  verb: string,
  run: (manager: UnitManager, unit: string) => Promise<FileChange>,
  now?: 'start' | 'stop',
): Verb {
  return async (request) => {
    const { manager, call, options, units } = request;
    for (const unit of units) {
      const result = await run(manager, unit);
      if (result.outcome !== 'done') {
        await call.stderr(`Failed to ${verb} unit: ${fileComplaint(unit, result.outcome)}\n`);
        return 1;
      }
      if (!options.has('quiet')) await call.stderr(result.lines.map((line) => `${line}\n`).join(''));
    }
    return now !== undefined && options.has('now') ? job(now, (manager, unit) => manager[now](unit))(request) : 0;
  };
}

function fileComplaint(unit: string, outcome: 'not-found' | 'masked' | 'exists'): string {
  const path = `/etc/systemd/system/${unit}`;
  return {
    'not-found': `Unit file ${unit} does not exist.`,
    masked: `Unit file ${path} is masked.`,
    exists: `File ${path} already exists.`,
  }[outcome];
}

export async function warnOfChanges(
  manager: UnitManager,
  call: CommandCall,
  unit: string,
  given?: UnitDisk,
): Promise<void> {
  const disk = given ?? (await manager.disk());
  if (sameDefinition(disk.units.get(unit), manager.loaded.units.get(unit))) return;
  await call.stderr(
    `Warning: The unit file, source configuration file or drop-ins of ${unit} changed on disk. Run 'systemctl daemon-reload' to reload units.\n`,
  );
}

function sameDefinition(a: UnitDefinition | undefined, b: UnitDefinition | undefined): boolean {
  const text = (definition: UnitDefinition | undefined) => JSON.stringify([definition?.state, definition?.fragments]);
  return b === undefined || text(a) === text(b);
}

/** To the main process alone, which is the only one that a modelled daemon has. */
export async function kill({ manager, call, options, units }: SystemctlRequest): Promise<number> {
  const given = lastOption(options, 'signal') ?? 'SIGTERM';
  const signal = signalNumber(given);
  if (signal === undefined) {
    await call.stderr(`Failed to parse signal string ${given}.\n`);
    return 1;
  }
  for (const unit of units) {
    const { outcome } = await manager.kill(unit, signal);
    if (outcome === 'done') continue;
    await call.stderr(`Failed to kill unit ${unit}: Unit ${unit} not loaded.\n`);
    return 1;
  }
  return 0;
}

export async function resetFailed({ manager, units }: SystemctlRequest): Promise<number> {
  for (const { definition, state } of manager.views()) {
    if (state.active === 'failed' && (units.length === 0 || units.includes(definition.name)))
      await manager.stop(definition.name);
  }
  return 0;
}

/** What stopping leaves to be started again by a connection (systemd's src/systemctl/systemctl-util.c, check_triggering_units). */
export async function stop(request: SystemctlRequest): Promise<number> {
  const { manager, call, units } = request;
  const code = await job('stop', (_, unit) => manager.stop(unit))(request);
  for (const unit of units) {
    const sockets = (manager.view(unit)?.triggeredBy ?? []).filter(
      (name) => manager.view(name)?.state.active === 'active',
    );
    if (sockets.length === 0) continue;
    await call.stderr(
      `Warning: Stopping ${unit}, but it can still be activated by:\n${sockets.map((name) => `  ${name}\n`).join('')}`,
    );
  }
  return code;
}

export async function daemonReload({ manager }: SystemctlRequest): Promise<number> {
  await manager.daemonReload();
  return 0;
}
