import type { HostName } from '../../../protocol/host.ts';
import type { LabId } from '../../../protocol/ids.ts';
import type { SeedFile, Vantage } from '../../cluster.ts';
import { entryFields, type TemplateEntry } from './template-entry.ts';
import { NamespaceHost } from './namespace-host.ts';
import { labNumbers } from './lab-user.ts';
import { StrangerOnTheInternet } from './stranger.ts';
import { cablesTo, hostBatch, hostsFile, routerBatch } from './network-plan.ts';
import type { Nursery } from './nursery.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { Supervisor } from './supervisor.ts';

export interface HostsRequest {
  readonly lab: LabId;
  readonly hosts: readonly HostName[];
  /** Where the labs of this server come from, with the template of its hosts. */
  readonly nursery: Nursery;
  /** What a host has besides the template; laid over it. */
  readonly installed?: (host: HostName) => readonly TemplateEntry[];
  /** Laid over both; those of hosts that are not started are left out. */
  readonly files: readonly SeedFile[];
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
  /** Hears of what went wrong in a modelled command; the learner sees only that it failed. */
  readonly fault: (error: unknown) => void;
}

/** The running machines of one lab. Disposing of them leaves no process, mount or file. */
export interface HostSet extends AsyncDisposable {
  host(name: HostName): SimulatedHost | undefined;
  /** A machine of the internet that is none of these. */
  readonly stranger: Vantage;
  /** Resolves with the reason when a host or the whole lab dies without having been disposed of; never otherwise. */
  readonly died: Promise<string>;
  /** For what else is to run in the lab: pods. */
  readonly supervisor: Supervisor;
}

/** The machines of a lab while they are built, one after another. */
export interface ComingHosts {
  /** Resolves when that machine is up; undefined where the lab has none of that name. Rejects as `all` does. */
  up(name: HostName): Promise<SimulatedHost> | undefined;
  /** Resolves when all are up. Rejects with `LabError`, or with the signal's reason on abort; then nothing is left. */
  readonly all: Promise<HostSet>;
}

/** Starts the machines of a lab and connects them, and resolves when they are up. Rejects as `ComingHosts.all` does. */
export const startHosts = async (request: HostsRequest): Promise<HostSet> => (await beginHosts(request)).all;

/**
 * Begins to build the machines of a lab, in their order, and to connect them; resolves when all that they begin with has been sent. Rejects
 * with `LabError`, or with the signal's reason on abort. They end with this process, however it ends.
 */
export async function beginHosts(request: HostsRequest): Promise<ComingHosts> {
  request.signal.throwIfAborted();
  request.progress('starting the hosts');
  const hosts = [...new Set(request.hosts)];
  const plan = {
    users: labNumbers(request.lab),
    bridges: routerBatch(),
    hosts: hosts.map((name) => ({ name, network: hostBatch(name), cables: cablesTo(name) })),
  };
  const starting = Supervisor.start(request.nursery, plan, request.fault);
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]());
  // While the machines are built: the certificates among their files take as long.
  const own = hosts.map((host) => entriesOf(host, hosts, request).flatMap(entryFields));
  const supervisor = await starting;
  for (const entries of own) supervisor.sendEntries(entries);
  const machines = new Map<string, NamespaceHost>();
  const coming = new Map(
    hosts.map((name) => {
      const machine = supervisor.up(name).then((commands) => {
        const made = new NamespaceHost(name, supervisor, commands, request.fault);
        machines.set(name, made);
        return made;
      });
      return [name, machine];
    }),
  );
  supervisor.admit((host, uid, socket) => {
    const machine = machines.get(host);
    if (machine === undefined) socket.destroy();
    else machine.admit(uid, socket);
  });
  undo.move();
  const all = allUp(supervisor, coming.values(), machines, request.signal);
  for (const one of [all, ...coming.values()]) one.catch(() => undefined); // whoever waits for it hears of it
  return { up: (name) => coming.get(name), all };
}

async function allUp(
  supervisor: Supervisor,
  coming: Iterable<Promise<SimulatedHost>>,
  machines: ReadonlyMap<string, SimulatedHost>,
  signal: AbortSignal,
): Promise<HostSet> {
  try {
    await Promise.all([supervisor.ready(signal), ...coming]);
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
  return {
    host: (name) => machines.get(name),
    stranger: new StrangerOnTheInternet(supervisor),
    died: supervisor.died,
    supervisor,
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

function entriesOf(host: HostName, hosts: readonly HostName[], { installed, files }: HostsRequest): TemplateEntry[] {
  return [
    { kind: 'file', path: '/etc/hostname', mode: 0o644, data: `${host}\n` },
    { kind: 'file', path: '/etc/hosts', mode: 0o644, data: hostsFile(host, hosts) },
    ...(installed?.(host) ?? []),
    ...files
      .filter((file) => file.host === host)
      .map(({ path, mode, content }): TemplateEntry => ({ kind: 'file', path, mode, data: content })),
  ];
}
