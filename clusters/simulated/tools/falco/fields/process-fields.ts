import { accountNames } from '../../../pods/users.ts';
import { containerOf, type FalcoEvent, type Fields, flag, number, text } from './field.ts';

/** Who is the parent of the program that a container begins with: `containerd-shim`, which no container sees. */
const SHIM = 'containerd-shim';
/** A kernel's names of programs have so many characters at most. */
const NAME_LENGTH = 15;

const lastPart = (path: string): string => path.split('/').at(-1) ?? '';

/** What the program is once an execve is done, and its ancestors: its own name first. */
function namesOf(event: FalcoEvent): readonly string[] {
  const { call } = event;
  const [own = '', ...others] = call.process.names;
  const name = call.type === 'execve' ? lastPart(call.path).slice(0, NAME_LENGTH) : own;
  return [name, ...others, ...(containerOf(event) === undefined ? [] : [SHIM])];
}

function wordsOf({ call }: FalcoEvent): readonly string[] {
  if (call.type === 'execve') return call.argv;
  const { cmdline } = call.process;
  return cmdline === '' ? [] : cmdline.split(' ');
}

/** As falco writes it: the program's name instead of its first word. */
const commandLine = (event: FalcoEvent): string =>
  [namesOf(event)[0] ?? '', ...wordsOf(event).slice(1)].join(' ').trim();

function parentLine(event: FalcoEvent): string | undefined {
  const [, parent] = namesOf(event);
  if (parent === undefined || event.call.process.ppid === 0) return parent;
  return [parent, ...event.call.process.pcmdline.split(' ').slice(1)].join(' ').trim();
}

function user(event: FalcoEvent): Partial<Record<'user' | 'home' | 'shell' | 'group', string>> {
  const { process } = event.call;
  const container = containerOf(event);
  if (container !== undefined) return accountNames(container.image, process);
  const known = Object.entries(process.account ?? {}).filter(([, value]) => value !== '');
  return Object.fromEntries(known) as ReturnType<typeof user>;
}

export const PROCESS_FIELDS: Fields = {
  'proc.name': text('name of the program', (event) => namesOf(event)[0]),
  'proc.exe': text('its first word', (event) => wordsOf(event)[0]),
  'proc.exepath': text('its file', ({ call }) => (call.type === 'execve' ? call.path : call.process.exepath)),
  'proc.args': text('its further words', (event) => wordsOf(event).slice(1).join(' ')),
  'proc.cmdline': text('its name and its further words', commandLine),
  'proc.exeline': text('all of its words', (event) => wordsOf(event).join(' ')),
  'proc.cmdnargs': number('number of its further words', (event) => Math.max(0, wordsOf(event).length - 1)),
  'proc.cmdlenargs': number('characters of its further words', (event) => wordsOf(event).slice(1).join('').length),
  'proc.cwd': text('its working directory', ({ call }) => `${call.process.cwd.replace(/\/$/, '')}/`),
  'proc.pid': number('its process number', ({ call }) => call.process.pid),
  'proc.vpid': number('its process number in the container', ({ call }) => call.process.vpid),
  'proc.ppid': number("its parent's process number", ({ call }) => call.process.ppid || undefined),
  'proc.tty': number('its terminal, 0 for none', ({ call }) => call.process.tty),
  'proc.pname': text("its parent's name", (event) => namesOf(event)[1]),
  'proc.pcmdline': text("its parent's name and words", parentLine),
  'proc.aname': text(
    'names of its ancestors; with [n] of the n-th',
    (event, level) => (level === undefined ? namesOf(event).slice(1) : namesOf(event)[Number(level)]),
    'optional',
  ),
  'proc.is_container_healthcheck': flag('never: probes are not told from other commands', () => false),
  'thread.tid': number('as proc.pid', ({ call }) => call.process.pid),
  'thread.vtid': number('as proc.vpid', ({ call }) => call.process.vpid),
  'thread.ismain': flag('whether it is the first thread', () => true),
  'user.uid': number('number of its user', ({ call }) => call.process.uid),
  'user.name': text('name of its user', (event) => user(event).user ?? '<NA>'),
  'user.homedir': text("its user's home", (event) => user(event).home),
  'user.shell': text("its user's shell", (event) => user(event).shell),
  'user.loginuid': number(
    'with which it logged in; -1 in a container, where nobody does',
    ({ call }) => call.process.account?.login ?? -1,
  ),
  'user.loginname': text(
    'with which it logged in; `<NA>` in a container, where nobody does',
    ({ call }) => call.process.account?.loginName || '<NA>',
  ),
  'group.gid': number('number of its group', ({ call }) => call.process.gid),
  'group.name': text('name of its group', (event) => user(event).group ?? '<NA>'),
};
