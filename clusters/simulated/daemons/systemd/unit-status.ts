import { fileState } from './enablement.ts';
import { endingText, failureOf, isClean, resultOf } from './ending.ts';
import { shortLine, type JournalEntry } from './journal.ts';
import type { SocketView } from './sockets.ts';
import { setting, settingWords } from './unit-file.ts';
import type { UnitDisk } from './unit-files.ts';
import type { UnitState, UnitView } from './unit-view.ts';

/** `active (running)`, `failed (Result: exit-code)`: what stands behind `Active:`. */
function activeText({ state, socket }: UnitView): string {
  switch (state.active) {
    case 'active':
      return `active (${subState(state, socket)})`;
    case 'inactive':
      return 'inactive (dead)';
    case 'failed':
      return `failed (Result: ${failureOf(state.ending)})`;
    case 'activating':
      return `activating (auto-restart)${isClean(state.ending) ? '' : ` (Result: ${resultOf(state.ending)})`}`;
    default:
      return state satisfies never;
  }
}

export function subState(state: UnitState, socket?: SocketView): string {
  return {
    active: hasExited(state) ? 'exited' : socket?.isTaken === false ? 'listening' : 'running',
    inactive: 'dead',
    failed: 'failed',
    activating: 'auto-restart',
  }[state.active];
}

/** Active without anything that runs. */
export const hasExited = (state: UnitState): boolean => 'hasExited' in state;

export interface StatusInput {
  readonly view: UnitView;
  readonly disk: UnitDisk;
  /** Undefined where the host has no such unit. */
  readonly others: (name: string) => UnitView | undefined;
  readonly now: Date;
  readonly host: string;
  /** The newest lines of its journal. */
  readonly journal: readonly JournalEntry[];
}

/**
 * `systemctl status` of one unit in the form of systemd 252 (src/systemctl/systemctl-show.c). Lines about tasks, memory and processor
 * time are left out: a modelled daemon's process on the host has next to none.
 */
export function statusText({ view, disk, others, now, host, journal }: StatusInput): string {
  const { definition, state } = view;
  const description = setting(definition.settings, 'Unit.Description') ?? definition.name;
  const lines = [`${dotOf(view)} ${definition.name}${definition.state === 'masked' ? '' : ` - ${description}`}`];
  lines.push(`     Loaded: ${loadedText(view, disk)}`);
  const dropIns = definition.fragments.slice(1).map(({ path }) => path);
  lines.push(...dropInLines(dropIns));
  const when =
    state.since === undefined
      ? ''
      : ` since ${longTime(state.since)}; ${ago(now.getTime() - state.since.getTime())} ago`;
  lines.push(`     Active: ${activeText(view)}${when}`, ...triggerLines(view, others));
  const docs = settingWords(definition.settings, 'Unit.Documentation');
  lines.push(...docs.map((doc, i) => `${i === 0 ? '       Docs: ' : '             '}${doc}`));
  lines.push(
    ...(view.socket?.listens ?? []).map((text, i) => `${i === 0 ? '     Listen: ' : '             '}${text} (Stream)`),
  );
  lines.push(...mainLines(view));
  if (journal.length > 0) lines.push('', ...journal.map((entry) => shortLine(entry, host)));
  return `${lines.join('\n')}\n`;
}

const dotOf = (view: UnitView | undefined): string =>
  ({ active: '●', inactive: '○', failed: '×', activating: '●' })[view?.state.active ?? 'inactive'];

function triggerLines({ triggers, triggeredBy }: UnitView, others: StatusInput['others']): string[] {
  const lines = (head: string, names: readonly string[]): string[] =>
    names.map((name, i) => `${i === 0 ? head : ' '.repeat(head.length)}${dotOf(others(name))} ${name}`);
  return [...lines('   Triggers: ', triggers), ...lines('TriggeredBy: ', triggeredBy)];
}

function mainLines({ definition, state, main }: UnitView): string[] {
  if (main === undefined) return [];
  if (state.active !== 'active' || hasExited(state))
    return main.ending === undefined ? [] : [`   Main PID: ${main.pid} (${endingText(main.ending)})`];
  return [
    `   Main PID: ${main.pid} (${main.name.slice(0, 15)})`,
    `     CGroup: /system.slice/${definition.name}`,
    `             └─${main.pid} ${main.words.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ')}`,
  ];
}

function loadedText({ definition }: UnitView, disk: UnitDisk): string {
  const { name, preset } = definition;
  if (definition.state === 'masked') return `masked (Reason: Unit ${name} is masked.)`;
  const place = `(${definition.fragments[0]?.path}; ${fileState(definition, disk)}; preset: ${preset})`;
  return definition.state === 'loaded'
    ? `loaded ${place}`
    : `bad-setting (Reason: Unit ${name} has a bad unit file setting.)`;
}

function dropInLines(paths: readonly string[]): string[] {
  const folders = [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))))];
  return folders.flatMap((folder, i) => {
    const files = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
    return [`${i === 0 ? '    Drop-In: ' : '             '}${folder}`, `             └─${files.join(', ')}`];
  });
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Mon 2026-11-23 05:00:18 UTC` */
export function longTime(time: Date): string {
  return `${DAYS[time.getUTCDay()]} ${time.toISOString().slice(0, 10)} ${time.toISOString().slice(11, 19)} UTC`;
}

function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min${seconds < 600 ? ` ${seconds % 60}s` : ''}`;
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}min`;
}
