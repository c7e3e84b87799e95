import type { HostName } from '../../../protocol/host.ts';
import type { LabId } from '../../../protocol/ids.ts';
import type { SeedFile, Vantage } from '../../cluster.ts';
import { entryFields, type TemplateEntry } from './template-entry.ts';
import { NamespaceHost } from './namespace-host.ts';
import { labNumbers } from './lab-user.ts';
import { StrangerOnTheInternet } from './stranger.ts';
import { hostBatch, hostsFile, routerBatch } from './network-plan.ts';
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

/**
 * Starts the machines of a lab and connects them. Rejects with `LabError`, or with the signal's reason on abort; then nothing is left.
 * They end with this process, however it ends.
 */
export async function startHosts(request: HostsRequest): Promise<HostSet> {
  request.signal.throwIfAborted();
  request.progress('starting the hosts');
  const hosts = [...new Set(request.hosts)];
  const plan = {
    users: labNumbers(request.lab),
    cables: routerBatch(hosts),
    hosts: hosts.map((name) => ({ name, network: hostBatch(name) })),
  };
  const starting = Supervisor.start(request.nursery, plan, request.fault);
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => (await starting.catch(() => undefined))?.[Symbol.asyncDispose]());
  // While the machines are built: the certificates among their files take as long.
  const own = hosts.map((host) => entriesOf(host, hosts, request).flatMap(entryFields));
  const supervisor = await starting;
  for (const entries of own) supervisor.sendEntries(entries);
  await supervisor.ready(request.signal);
  undo.move();
  const machines = new Map(hosts.map((name) => [name, new NamespaceHost(name, supervisor, request.fault)]));
  supervisor.admit((host, uid, socket) => {
    const machine = hosts.find((name) => name === host);
    if (machine === undefined) socket.destroy();
    else machines.get(machine)?.admit(uid, socket);
  });
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
