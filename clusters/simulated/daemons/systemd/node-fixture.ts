import { afterEach, beforeEach } from 'vitest';
import type { Clock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries, unitsOf } from '../packages.ts';
import { Journal } from './journal.ts';
import { journalctl } from './journalctl.ts';
import { serviceCommand } from './service-command.ts';
import { systemctl } from './systemctl.ts';
import { UnitManager } from './unit-manager.ts';
import type { Launch, StartFailure, Unit } from './unit.ts';

/** For tests: a node with two units whose daemons only record. */

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

/** A daemon that records how it was started, fails when told to, and greets whoever connects to a socket that it was given. */
export class Recorder implements Unit {
  launches: (readonly string[])[] = [];
  running = false;
  failure: StartFailure | undefined;
  /** A Unix socket on which it listens itself. */
  ownSocket: string | undefined;
  readonly #taken: Disposable[] = [];
  async start(launch: Launch) {
    this.launches.push(launch.argv);
    this.running = this.failure === undefined;
    if (this.ownSocket !== undefined) await launch.listenUnix(this.ownSocket, 0o660);
    for (const socket of launch.handed ?? [])
      this.#taken.push(await socket.take((connection) => connection.write('hello')));
    return this.failure;
  }
  async stop() {
    this.running = false;
    for (const socket of this.#taken.splice(0)) socket[Symbol.dispose]();
  }
}

/** A clock at a fixed time whose timers run when a test says so. */
function handClock() {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => Date.parse('2026-11-23T05:00:18Z'),
    after: (_, callback) => {
      timers.push(callback);
      return { [Symbol.dispose]: () => void timers.splice(timers.indexOf(callback), 1) };
    },
  };
  return { clock, timers };
}

export async function node(files: Record<string, string> = {}) {
  const host = resources.use(await FolderHost.create('node01', files, packageEntries(['docker', 'kubelet'])));
  const [docker, kubelet] = [new Recorder(), new Recorder()];
  const { clock, timers } = handClock();
  const journal = new Journal(clock);
  const daemons = { dockerd: () => docker, kubelet: () => kubelet };
  const manager = resources.use(
    await UnitManager.boot({ host, vendor: [...unitsOf('docker'), ...unitsOf('kubelet')], daemons, journal, clock }),
  );
  const control = systemctl(manager, clock);
  await host.installCommand('systemctl', control);
  await host.installCommand('service', serviceCommand(control));
  await host.installCommand('journalctl', journalctl(manager, clock));
  return { host, docker, kubelet, manager, timers };
}
