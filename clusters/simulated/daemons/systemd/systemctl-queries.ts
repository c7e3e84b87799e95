import { lastOption } from '../command-line.ts';
import { fileState } from './enablement.ts';
import { SERVICE_ENVIRONMENT } from './unit-run.ts';
import { warnOfChanges, type SystemctlRequest } from './systemctl-jobs.ts';
import { unitProperties } from './unit-properties.ts';
import { statusText } from './unit-status.ts';

export async function status({ manager, call, options, units, clock }: SystemctlRequest): Promise<number> {
  const disk = await manager.disk();
  const names = units.length > 0 ? units : manager.views().map(({ definition }) => definition.name);
  const lines = Number.parseInt(lastOption(options, 'lines') ?? '10', 10);
  const codes: number[] = [];
  for (const name of names) {
    const view = manager.view(name);
    if (view === undefined) {
      const isNumber = /^\d+$/.test(name);
      await call.stderr(
        isNumber
          ? `not simulated: the unit of process ${name}, which is no service's main one\n`
          : `Unit ${name} could not be found.\n`,
      );
      codes.push(isNumber ? 1 : 4);
      continue;
    }
    await warnOfChanges(manager, call, name, disk);
    const journal = lines > 0 ? manager.journal.read([name]).slice(-lines) : [];
    await call.stdout(
      `${codes.length > 0 ? '\n' : ''}${statusText({ view, disk, others: (one) => manager.view(one), now: new Date(clock.now()), host: call.host, journal })}`,
    );
    codes.push(view.state.active === 'active' ? 0 : 3);
  }
  return units.length === 0 ? 0 : (codes.find((code) => code !== 0) ?? 0);
}

export async function isActive({ manager, call, options, units }: SystemctlRequest): Promise<number> {
  const states = units.map((unit) => manager.view(unit)?.state.active ?? 'inactive');
  if (!options.has('quiet')) await call.stdout(states.map((state) => `${state}\n`).join(''));
  return states.includes('active') ? 0 : 3;
}

export async function isFailed({ manager, call, options, units }: SystemctlRequest): Promise<number> {
  const states = units.map((unit) => manager.view(unit)?.state.active ?? 'inactive');
  if (!options.has('quiet')) await call.stdout(states.map((state) => `${state}\n`).join(''));
  return states.includes('failed') ? 0 : 1;
}

export async function isEnabled({ manager, call, options, units }: SystemctlRequest): Promise<number> {
  const disk = await manager.disk();
  let code = 1;
  for (const unit of units) {
    const definition = disk.units.get(unit);
    if (definition === undefined) {
      await call.stderr(`Failed to get unit file state for ${unit}: No such file or directory\n`);
      return 1;
    }
    const state = fileState(definition, disk);
    if (!options.has('quiet')) await call.stdout(`${state}\n`);
    if (state === 'enabled' || state === 'static' || state === 'alias') code = 0;
  }
  return code;
}

export async function cat({ manager, call, units }: SystemctlRequest): Promise<number> {
  const disk = await manager.disk();
  let code = 0;
  for (const [i, unit] of units.entries()) {
    const definition = disk.units.get(unit);
    if (definition === undefined) {
      await call.stderr(`No files found for ${unit}.\n`);
      code = 1;
      continue;
    }
    const parts = definition.fragments.map(({ path, text }) => `# ${path}\n${text}`);
    const text = definition.state === 'masked' ? `# Unit ${unit} is masked.\n` : parts.join('\n');
    await call.stdout(`${i > 0 ? '\n' : ''}${text}`);
  }
  return code;
}

export async function show({ manager, call, options, units }: SystemctlRequest): Promise<number> {
  const disk = await manager.disk();
  const wanted = (options.get('property') ?? []).flatMap((names) => names.split(','));
  for (const [i, unit] of units.entries()) {
    const all = unitProperties(unit, manager.view(unit), disk);
    const names = wanted.length > 0 ? wanted : [...all.keys()];
    const lines = names.flatMap((name) => {
      const value = all.get(name);
      return value === undefined ? [] : [options.has('value') ? value : `${name}=${value}`];
    });
    await call.stdout(`${i > 0 ? '\n' : ''}${lines.map((line) => `${line}\n`).join('')}`);
    const unknown = names.filter((name) => !all.has(name));
    if (unknown.length > 0) await call.stderr(`not simulated: the properties ${unknown.join(', ')}\n`);
  }
  return 0;
}

export async function isSystemRunning({ manager, call }: SystemctlRequest): Promise<number> {
  const failed = manager.views().some(({ state }) => state.active === 'failed');
  await call.stdout(failed ? 'degraded\n' : 'running\n');
  return failed ? 1 : 0;
}

/** What services are given, on Debian (systemd.exec(5)). */
export async function showEnvironment({ call }: SystemctlRequest): Promise<number> {
  await call.stdout(
    Object.entries(SERVICE_ENVIRONMENT)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return 0;
}

/** Of Debian, whose symlink default.target leads there, on a server too. */
export async function getDefault({ call }: SystemctlRequest): Promise<number> {
  await call.stdout('graphical.target\n');
  return 0;
}
