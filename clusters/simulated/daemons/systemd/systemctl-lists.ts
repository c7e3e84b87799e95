import { lastOption } from '../command-line.ts';
import { textTable } from '../text-table.ts';
import { fileState } from './enablement.ts';
import type { SystemctlRequest } from './systemctl-jobs.ts';
import { settingWords } from './unit-file.ts';
import { subState } from './unit-status.ts';

/** The tables of systemctl(1), with systemd 252's legends (src/systemctl/systemctl-list-units.c, systemctl-list-unit-files.c). */

const typeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const LEGEND = `
LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.
`;

export async function listUnits({ manager, call, options, units, asked }: SystemctlRequest): Promise<number> {
  const types = lastOption(options, 'type')?.split(',');
  const states = options.has('failed') ? ['failed'] : lastOption(options, 'state')?.split(',');
  const isAll = options.has('all') || states !== undefined;
  const rows = manager
    .views()
    .map((view) => ({ ...view, sub: subState(view.state, view.socket) }))
    .filter(({ definition: { name } }) => asked.length === 0 || units.includes(name))
    .filter(({ state: { active } }) => active !== 'inactive' || isAll)
    .filter(({ state, sub }) => states?.some((word) => word === state.active || word === sub) ?? true)
    .filter(({ definition: { name } }) => types?.includes(typeOf(name)) ?? true)
    .map(({ definition, state, sub }) => [
      `${state.active === 'failed' ? '●' : ' '} ${definition.name}`,
      definition.state,
      state.active,
      sub,
      settingWords(definition.settings, 'Unit.Description').join(' '),
    ]);
  if (options.has('no-legend')) {
    await call.stdout(textTable(rows, 1));
    return 0;
  }
  const table = textTable([['  UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], ...rows], 1);
  const hint = isAll ? '' : ' Pass --all to see loaded but inactive units, too.';
  await call.stdout(
    `${table}${rows.length === 0 ? '\n' : LEGEND}${rows.length} loaded units listed.${hint}\nTo show all installed unit files use 'systemctl list-unit-files'.\n`,
  );
  return 0;
}

export async function listUnitFiles({ manager, call, options, units, asked }: SystemctlRequest): Promise<number> {
  const disk = await manager.disk();
  const states = lastOption(options, 'state')?.split(',');
  const types = lastOption(options, 'type')?.split(',');
  const rows = [...disk.units.values()]
    .filter(({ name }) => asked.length === 0 || units.includes(name))
    .filter(({ name }) => types?.includes(typeOf(name)) ?? true)
    .map((definition) => [definition.name, fileState(definition, disk), definition.preset])
    .filter(([, state = '']) => states?.includes(state) ?? true)
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const table = options.has('no-legend') ? rows : [['UNIT FILE', 'STATE', 'PRESET'], ...rows];
  await call.stdout(`${textTable(table, 1)}${options.has('no-legend') ? '' : `\n${rows.length} unit files listed.\n`}`);
  return 0;
}

export async function listSockets({ manager, call, options }: SystemctlRequest): Promise<number> {
  const rows = manager
    .views()
    .flatMap(({ definition, socket, triggers }) =>
      (socket?.listens ?? []).map((listens) => [listens, definition.name, triggers.join(' ')]),
    )
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  if (options.has('no-legend')) {
    await call.stdout(textTable(rows, 1));
    return 0;
  }
  const table = textTable([['LISTEN', 'UNIT', 'ACTIVATES'], ...rows], 1);
  const hint = options.has('all') ? '' : 'Pass --all to see loaded but inactive sockets, too.\n';
  await call.stdout(`${table}\n${rows.length} sockets listed.\n${hint}`);
  return 0;
}

/** The packages of a host bring no timers; those that somebody has written there do not run. */
export async function listTimers({ manager, call, options }: SystemctlRequest): Promise<number> {
  const [timer] = (await manager.disk()).unmodelled.filter((name) => name.endsWith('.timer'));
  if (timer !== undefined) {
    await call.stderr(`not simulated: timers, such as ${timer}\n`);
    return 1;
  }
  if (options.has('no-legend')) return 0;
  const hint = options.has('all') ? '' : 'Pass --all to see loaded but inactive timers, too.\n';
  await call.stdout(`NEXT LEFT LAST PASSED UNIT ACTIVATES\n\n0 timers listed.\n${hint}`);
  return 0;
}

/** A job is over before anybody can ask for it. */
export async function listJobs({ call }: SystemctlRequest): Promise<number> {
  await call.stdout('No jobs running.\n');
  return 0;
}
