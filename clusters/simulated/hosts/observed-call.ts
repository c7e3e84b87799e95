import { CHANGES, type ObservedCall, type ObservedProcess } from '../tools/falco/events.ts';

/**
 * A call as the supervisor's observer tells it (hosts/agent/observer.pl, `event_of`): its name, the program and what it is about.
 * Undefined for anything else.
 */
export function observedCall(fields: readonly Buffer[]): ObservedCall | undefined {
  const [type = '', by = '', ...about] = fields.map((field) => field.toString('utf8'));
  const process = (): ObservedProcess => observedProcess(by.split('\0'));
  switch (type) {
    case 'execve':
      return { type, process: process(), path: about[0] ?? '', argv: about.slice(1) };
    case 'open':
    case 'openat':
    case 'openat2':
    case 'creat': {
      const [path = '', flags = '0', error = '', kind = ''] = about;
      return { type, process: process(), path, flags: Number(flags), error, isFolder: kind === 'd' };
    }
    case 'connect': {
      const [protocol = '', address = '', port = '0'] = about;
      const known = protocol === 'tcp' || protocol === 'udp' ? protocol : '';
      return { type, process: process(), protocol: known, address, port: Number(port) };
    }
    case 'lost events':
      return { type: 'lost', count: Number(by) };
    default: {
      const change = CHANGES.find((name) => name === type);
      if (change === undefined) return undefined;
      const [error = '', mode = '', ...paths] = about;
      return { type: change, process: process(), paths, mode: mode === '' ? undefined : Number(mode), error };
    }
  }
}

function observedProcess(fields: readonly string[]): ObservedProcess {
  const [pid, ppid, vpid, tty, uid, gid, exepath = '', cwd = '', cmdline = '', pcmdline = '', ...more] = fields;
  const [user = '', home = '', shell = '', group = '', login = '', loginName = '', ...names] = more;
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    vpid: Number(vpid),
    tty: Number(tty),
    uid: Number(uid),
    gid: Number(gid),
    exepath,
    cwd,
    cmdline,
    pcmdline,
    names,
    ...(login === '' ? {} : { account: { user, home, shell, group, login: Number(login), loginName } }),
  };
}
