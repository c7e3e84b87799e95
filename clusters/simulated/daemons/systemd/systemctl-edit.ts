import { text } from 'node:stream/consumers';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption } from '../command-line.ts';
import { readHostText } from '../host-text.ts';
import { runAs } from '../privileges/run-as.ts';
import type { Verb } from './systemctl-jobs.ts';
import type { UnitDefinition } from './unit-files.ts';

/** systemd's own marks in what is edited (src/systemctl/systemctl-edit.c). */
const START = '### Anything between here and the comment below will become the new contents of the file';
const END = '### Lines below this comment will be discarded';

/** The editor that is asked for, or the first that there is, in systemd's order. */
const EDIT =
  '[ -n "$EDITOR" ] && exec $EDITOR "$1"; for one in editor nano vim vi; do command -v $one >/dev/null && exec $one "$1"; done; exit 127';

/**
 * `systemctl edit`: a drop-in `override.conf`, or one of `--drop-in=NAME`; with `--full` the unit itself. What is written comes from an
 * editor on the caller's terminal, or with `--stdin` from its input (the two options are of newer releases than 252). Units are loaded anew.
 */
export function editUnits(): Verb {
  let terminals = 0;
  const newId = (): string => `edit-${++terminals}`;
  return async ({ manager, call, options, units }) => {
    const { host } = manager;
    const say = async (line: string): Promise<1> => {
      await call.stderr(`${line}\n`);
      return 1;
    };
    const [unit = ''] = units;
    if (units.length > 1) return say('not simulated: systemctl edit of several units at once');
    const definition = (await manager.disk()).units.get(unit);
    const isFull = options.has('full');
    if (definition === undefined && !options.has('force'))
      return say(`No files found for ${unit}.\nRun 'systemctl edit --force --full ${unit}' to create a new unit.`);
    const name = (lastOption(options, 'drop-in') ?? 'override').replace(/\.conf$/, '');
    if (!/^[\w@:-][\w.@:-]*$/.test(name)) return say(`Invalid drop-in file name '${name}'.`);
    if (!/^[\w@.:-]+\.service$/.test(unit)) return say(`not simulated: systemctl edit ${unit}`);
    const folder = options.has('runtime') ? '/run/systemd/system' : '/etc/systemd/system';
    const path = isFull ? `${folder}/${unit}` : `${folder}/${unit}.d/${name}.conf`;
    const before = isFull
      ? (definition?.fragments[0]?.text ?? '')
      : ((await readHostText(host, path).catch(() => undefined)) ?? '');
    let content: string;
    if (options.has('stdin')) content = await text(call.stdin);
    else {
      if (call.terminal === undefined) return say('Cannot edit units if not on a tty.');
      const draft = `${path.replace(/[^/]*$/, '')}.#${path.split('/').at(-1)}${newId()}`;
      const shown = isFull ? before : templateText(path, before, definition);
      const edited = await editedText({ host, call, newId, draft, shown });
      if (edited === undefined) return say('Failed to execute any editor.');
      content = isFull ? edited : betweenMarks(edited);
    }
    if (content.trim() === '') {
      await say(`Editing "${path}" canceled: temporary file is empty.`);
      return 0;
    }
    await host.writeFile(path, Buffer.from(content.endsWith('\n') ? content : `${content}\n`), { mode: 0o644 });
    await manager.daemonReload();
    return 0;
  };
}

/** What an editor shows of a drop-in: its marks, what it holds, and the unit as comments. */
function templateText(path: string, before: string, definition: UnitDefinition | undefined): string {
  const fragments = (definition?.fragments ?? []).filter((one) => one.path !== path);
  const below = fragments.map((one) => `### ${one.path}\n${one.text.replaceAll(/^(?=.)/gm, '# ')}`);
  return [`### Editing ${path}`, START, '', before, '', END, '', ...below, ''].join('\n');
}

const betweenMarks = (edited: string): string => {
  const from = edited.indexOf(START);
  const to = edited.indexOf(END);
  return edited.slice(from < 0 ? 0 : from + START.length, to < 0 ? undefined : to).trim();
};

/** Lets the caller edit a draft on its terminal; undefined when no editor could be run. */
async function editedText({
  host,
  call,
  newId,
  draft,
  shown,
}: {
  readonly host: SimulatedHost;
  readonly call: CommandCall;
  readonly newId: () => string;
  readonly draft: string;
  readonly shown: string;
}): Promise<string | undefined> {
  await host.writeFile(draft, Buffer.from(shown), { mode: 0o644 });
  const account = { name: 'root', user: { uid: 0, gid: 0, groups: [] }, home: '/root', shell: '/bin/sh', groups: [] };
  const argv = ['/bin/sh', '-c', EDIT, 'sh', draft];
  const status = await runAs({ host, call, account, argv, env: call.env, cwd: call.cwd, newId });
  const edited = await readHostText(host, draft).catch(() => undefined);
  await host.removeFile(draft);
  return status === 0 ? edited : undefined;
}
