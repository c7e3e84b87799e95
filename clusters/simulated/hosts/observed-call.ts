/** Whose a program on a host is, by the host's own files; names are empty that they do not have. */
export interface ObservedAccount {
  readonly user: string;
  readonly home: string;
  readonly shell: string;
  readonly group: string;
  /** The uid with which somebody logged in. */
  readonly login: number;
  readonly loginName: string;
}

/** The program that makes a call, as its container's kernel has it, or its host's. */
export interface ObservedProcess {
  readonly pid: number;
  /** 0 for the program that a container, or somebody's exec in it, began with. */
  readonly ppid: number;
  /** Its number in the container. */
  readonly vpid: number;
  /** The device number of its terminal; 0 for none. */
  readonly tty: number;
  readonly uid: number;
  readonly gid: number;
  readonly exepath: string;
  readonly cwd: string;
  readonly cmdline: string;
  readonly pcmdline: string;
  /** Its own name, its parent's, and so on up to the program that the container, or the terminal, began with. */
  readonly names: readonly string[];
  /** Of a program on a host. */
  readonly account?: ObservedAccount;
}

/** Calls that change what folders hold. */
export const CHANGES = [
  'chmod',
  'fchmodat',
  'link',
  'linkat',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'rename',
  'renameat',
  'renameat2',
  'rmdir',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
] as const;

/** A system call of a program in a container; `lost` says how many of a second were not told. */
export type ObservedCall =
  | {
      readonly type: 'execve';
      readonly process: ObservedProcess;
      /** The program's file. */
      readonly path: string;
      readonly argv: readonly string[];
    }
  | {
      readonly type: 'open' | 'openat' | 'openat2' | 'creat';
      readonly process: ObservedProcess;
      readonly path: string;
      readonly flags: number;
      /** Empty, or the name of the error as far as modes, owners and mounts foretell it. */
      readonly error: string;
      readonly isFolder: boolean;
    }
  | {
      readonly type: (typeof CHANGES)[number];
      readonly process: ObservedProcess;
      /** What it is about: one file, or the old and the new one; a symlink's text as it is written, and the link. */
      readonly paths: readonly string[];
      /** Permission bits; undefined for calls without. */
      readonly mode: number | undefined;
      /** Empty, or the name of the error as far as names, modes, owners and mounts foretell it. */
      readonly error: string;
    }
  | {
      readonly type: 'connect';
      readonly process: ObservedProcess;
      readonly protocol: 'tcp' | 'udp' | '';
      readonly address: string;
      readonly port: number;
    }
  | { readonly type: 'lost'; readonly count: number };

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
