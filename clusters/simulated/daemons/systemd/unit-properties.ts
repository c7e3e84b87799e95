import { fileState } from './enablement.ts';
import { type Ending, failureOf, resultOf } from './ending.ts';
import { setting, splitWords } from './unit-file.ts';
import type { UnitDisk } from './unit-files.ts';
import type { UnitView } from './unit-view.ts';
import { hasExited, longTime, subState } from './unit-status.ts';

/** What `systemctl show` knows of a unit, by the property names of org.freedesktop.systemd1(5); a few of its hundreds. */
export function unitProperties(name: string, view: UnitView | undefined, disk: UnitDisk): Map<string, string> {
  const state = view?.state ?? { active: 'inactive' as const, since: undefined };
  const properties = new Map([
    ['Id', name],
    ['Names', name],
    ['LoadState', view?.definition.state ?? 'not-found'],
    ['ActiveState', state.active],
    ['SubState', subState(state, view?.socket)],
  ]);
  if (view === undefined) return properties;
  const { definition, main } = view;
  const { settings, fragments } = definition;
  const command = setting(settings, 'Service.ExecStart') ?? '';
  return new Map([
    ...properties,
    ['Description', setting(settings, 'Unit.Description') ?? name],
    ['Type', setting(settings, 'Service.Type') ?? 'simple'],
    ['Restart', setting(settings, 'Service.Restart') ?? 'no'],
    ['NRestarts', String(view.restarts)],
    [
      'Result',
      state.active === 'failed' ? failureOf(state.ending) : 'ending' in state ? resultOf(state.ending) : 'success',
    ],
    ['MainPID', String(state.active === 'active' && !hasExited(state) ? (main?.pid ?? 0) : 0)],
    ['ExecMainPID', String(main?.pid ?? 0)],
    ...execMain('ending' in state ? state.ending : main?.ending),
    [
      'ExecStart',
      `{ path=${splitWords(command)[0] ?? ''} ; argv[]=${command} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
    ],
    ['FragmentPath', fragments[0]?.path ?? ''],
    [
      'DropInPaths',
      fragments
        .slice(1)
        .map(({ path }) => path)
        .join(' '),
    ],
    ['Environment', (settings.get('Service.Environment') ?? []).join(' ')],
    ['UnitFileState', fileState(definition, disk)],
    ['UnitFilePreset', definition.preset],
    ['ActiveEnterTimestamp', state.active === 'active' && state.since !== undefined ? longTime(state.since) : ''],
  ]);
}

/** By the numbers of waitid(2): 0 of what has not ended, 1 exited, 2 killed. */
function execMain(ending: Ending | undefined): [string, string][] {
  const [code, status] =
    ending === undefined ? [0, 0] : ending.code === 'exited' ? [1, ending.status] : [2, ending.signal];
  return [
    ['ExecMainCode', String(code)],
    ['ExecMainStatus', String(status)],
  ];
}
