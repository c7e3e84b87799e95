import { type CHANGES } from '../../../hosts/observed-call.ts';
import { type FalcoEvent, type Fields, flag, number, text } from './field.ts';

const O_ACCMODE = 3;
const O_CREAT = 0o100;

const opened = ({ call }: FalcoEvent) => ('flags' in call ? call : undefined);
const access = (event: FalcoEvent): number | undefined => {
  const call = opened(event);
  return call && call.flags & O_ACCMODE;
};

/** Names of include/uapi/asm-generic/fcntl.h in the order that falco prints them (driver/flags_table.c, file_flags). */
const FLAG_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [O_CREAT, 'O_CREAT'],
  [0o2000, 'O_APPEND'],
  [0o200, 'O_EXCL'],
  [0o1000, 'O_TRUNC'],
  [0o4000, 'O_NONBLOCK'],
  [0o200000, 'O_DIRECTORY'],
  [0o2000000, 'O_CLOEXEC'],
];

function flagNames(flags: number): string {
  const mode = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'][flags & O_ACCMODE] ?? '';
  return [mode, ...FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)].join('|');
}

/** Names of permission bits in the order that falco prints them (driver/flags_table.c, chmod_mode). */
const MODE_NAMES =
  'S_IXOTH S_IWOTH S_IROTH S_IXGRP S_IWGRP S_IRGRP S_IXUSR S_IWUSR S_IRUSR S_ISVTX S_ISGID S_ISUID'.split(' ');
const modeNames = (mode: number): string => MODE_NAMES.filter((_, bit) => (mode & (1 << bit)) !== 0).join('|');

/** What calls that change folders name their files (driver/event_table.c). */
const FILE_ARGUMENTS: Readonly<Record<(typeof CHANGES)[number], readonly string[]>> = {
  chmod: ['filename'],
  fchmodat: ['filename'],
  link: ['oldpath', 'newpath'],
  linkat: ['oldpath', 'newpath'],
  mkdir: ['path'],
  mkdirat: ['path'],
  mknod: ['path'],
  mknodat: ['path'],
  rename: ['oldpath', 'newpath'],
  renameat: ['oldpath', 'newpath'],
  renameat2: ['oldpath', 'newpath'],
  rmdir: ['path'],
  symlink: ['target', 'linkpath'],
  symlinkat: ['target', 'linkpath'],
  unlink: ['path'],
  unlinkat: ['name'],
};

/** Arguments of the event by name, of those that are known, in their order (driver/event_table.c). */
function argumentsOf({ call }: FalcoEvent): Readonly<Record<string, string>> {
  const res = 'error' in call && call.error !== '' ? call.error : '0';
  if ('paths' in call) {
    const files = FILE_ARGUMENTS[call.type].map((name, i) => [name, call.paths[i] ?? ''] as const);
    const isChmod = call.type === 'chmod' || call.type === 'fchmodat';
    const mode =
      call.mode === undefined ? {} : { mode: isChmod ? modeNames(call.mode) : call.mode.toString(16).toUpperCase() };
    return { res, ...Object.fromEntries(files), ...mode };
  }
  if ('flags' in call) return { name: call.path, flags: flagNames(call.flags), res };
  if (call.type === 'execve') return { res, exe: call.argv[0] ?? '', args: call.argv.slice(1).join(' ') };
  return { res, tuple: `${call.address}:${call.port}` };
}

/** Other names of arguments. */
const ALSO: Readonly<Record<string, string>> = { path: 'name', filename: 'exe', addr: 'tuple' };

function argumentOf(event: FalcoEvent, name: string | undefined): string | undefined {
  const key = name?.toLowerCase() ?? '';
  const all = argumentsOf(event);
  return all[key] ?? ('paths' in event.call ? undefined : all[ALSO[key] ?? '']);
}

const allArguments = (event: FalcoEvent): string =>
  Object.entries(argumentsOf(event))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** `HH:MM:SS.nnnnnnnnn` in UTC, which is the nodes' zone. */
export const timeOfDay = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(11, 23)}000000`;

export const isoTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 23)}000000Z`;

export const EVENT_FIELDS: Fields = {
  'evt.num': number('event number', ({ number: count }) => count),
  'evt.time': text('event time, with nanoseconds', ({ time }) => timeOfDay(time)),
  'evt.time.s': text('event time without nanoseconds', ({ time }) => timeOfDay(time).slice(0, 8)),
  'evt.time.iso8601': text('event time as ISO 8601', ({ time }) => isoTime(time)),
  'evt.datetime': text('event date and time', ({ time }) => isoTime(time).replace('T', ' ').replace('Z', '')),
  'evt.rawtime': number('nanoseconds since 1970', ({ time }) => time * 1e6),
  'evt.rawtime.s': number('seconds since 1970', ({ time }) => Math.floor(time / 1000)),
  'evt.type': text('name of the event', ({ call }) => call.type),
  'evt.category': text('category of the event', ({ call }) =>
    call.type === 'execve' ? 'process' : call.type === 'connect' ? 'net' : 'file',
  ),
  'evt.dir': text('always `<`', () => '<'),
  'evt.source': text('event source', () => 'syscall'),
  'evt.hostname': text("the node's name", ({ hostname }) => hostname),
  'evt.count': number('always 1', () => 1),
  'evt.args': text('all arguments', allArguments),
  'evt.arg': text('one argument by its name', argumentOf, 'needed'),
  'evt.res': text('how the call ends: SUCCESS or the name of an error', ({ call }) =>
    'error' in call && call.error !== '' ? call.error : 'SUCCESS',
  ),
  'evt.failed': flag('whether the call fails', ({ call }) => 'error' in call && call.error !== ''),
  'evt.rawres': number('0, or -1 for a call that fails', ({ call }) => ('error' in call && call.error !== '' ? -1 : 0)),
  'evt.is_open_read': flag('whether a file is opened to be read', (event) => {
    const mode = access(event);
    return mode === undefined ? undefined : mode === 0 || mode === 2;
  }),
  'evt.is_open_write': flag('whether a file is opened to be written', (event) => {
    const mode = access(event);
    return mode === undefined ? undefined : mode === 1 || mode === 2;
  }),
  'evt.is_open_create': flag('whether a file may be made by opening it', (event) => {
    const call = opened(event);
    return call && (call.flags & O_CREAT) !== 0;
  }),
};
