import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { HostName } from '../../protocol/host.ts';
import { labToRuin } from './ruined-lab.ts';
import { startTestLab } from '../../clusters/simulated/hosts/host-fixture.ts';

const itself = process.getuid?.() ?? 0;

/** Who a server is tried as: who runs the tests and, where that is root, an ordinary user too. */
export const SERVER_USERS: readonly (readonly [string, number])[] =
  itself === 0
    ? [
        ['the machine’s root', 0],
        ['an ordinary user', 65533],
      ]
    : [['an ordinary user', itself]];

/** What runs a shell line on a host; says what `TestLab.sh` says. */
export interface Runner extends AsyncDisposable {
  sh(host: HostName, line: string): Promise<string>;
}

export interface Order {
  readonly id: number;
  readonly host: HostName;
  readonly line: string;
}

export interface Answer {
  readonly id: number;
  readonly said: string;
}

/**
 * A lab whose server is that user: in a process of its own, unless it is who runs this one. Only root can ask for another user.
 * A line that cannot be run at all says why.
 */
export async function labOfUser(uid: number, hosts: readonly HostName[]): Promise<Runner> {
  return uid === itself ? startTestLab(hosts) : inAnotherProcess(uid, hosts);
}

/** The same of a whole lab, with its cluster and daemons. */
export async function wholeLabOfUser(uid: number): Promise<Runner> {
  return uid === itself ? labToRuin() : inAnotherProcess(uid, [WHOLE]);
}

/** What serve-lines.ts is told instead of hosts. */
export const WHOLE = 'whole';

async function inAnotherProcess(uid: number, hosts: readonly string[]): Promise<Runner> {
  const child = fork(new URL('serve-lines.ts', import.meta.url), hosts, { uid, gid: uid, cwd: '/', execArgv: [] });
  const waiting = new Map<number, (said: string) => void>();
  let orders = 0;
  await once(child, 'message');
  child.on('message', ({ id, said }: Answer) => {
    waiting.get(id)?.(said);
    waiting.delete(id);
  });
  return {
    sh: (host, line) =>
      new Promise((resolve) => {
        const order: Order = { id: ++orders, host, line };
        waiting.set(order.id, resolve);
        child.send(order);
      }),
    [Symbol.asyncDispose]: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
