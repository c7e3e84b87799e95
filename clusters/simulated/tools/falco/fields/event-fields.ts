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

/** Arguments of the event by name, of those that are known (driver/event_table.c). */
function argumentOf({ call }: FalcoEvent, name: string | undefined): string | undefined {
  const key = name?.toLowerCase();
  if (key === 'res') return 'error' in call && call.error !== '' ? call.error : '0';
  if ('flags' in call) {
    if (key === 'name' || key === 'path') return call.path;
    return key === 'flags' ? flagNames(call.flags) : undefined;
  }
  if (call.type === 'execve') {
    if (key === 'filename' || key === 'exe') return call.argv[0];
    return key === 'args' ? call.argv.slice(1).join(' ') : undefined;
  }
  return key === 'addr' || key === 'tuple' ? `${call.address}:${call.port}` : undefined;
}

const EVENT_ARGUMENTS = { open: ['name', 'flags', 'res'], execve: ['res', 'exe', 'args'], connect: ['res', 'tuple'] };

function allArguments(event: FalcoEvent): string {
  const { type } = event.call;
  const names = type === 'execve' || type === 'connect' ? EVENT_ARGUMENTS[type] : EVENT_ARGUMENTS.open;
  return names.map((name) => `${name}=${argumentOf(event, name) ?? ''}`).join(' ');
}

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
