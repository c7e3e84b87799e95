import type { HostName } from '../../../protocol/host.ts';
import type { LabId } from '../../../protocol/ids.ts';
import type { SeedFile } from '../../cluster.ts';
import type { HostTemplate } from './host-template.ts';
import type { TemplateEntry } from './template-entry.ts';
import { NamespaceHost } from './namespace-host.ts';
import { labNumbers } from './lab-user.ts';
import { hostBatch, hostsFile, routerBatch } from './network-plan.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { Supervisor, type Field } from './supervisor.ts';

export interface HostsRequest {
  readonly lab: LabId;
  readonly hosts: readonly HostName[];
  /** From `readHostTemplate`, once a server. */
  readonly template: HostTemplate;
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
  const supervisor = new Supervisor(labNumbers(request.lab), request.template.programs, request.fault);
  try {
    supervisor.send(request.template.entries.flatMap(entryFields));
    for (const host of hosts) {
      const own: TemplateEntry[] = [
        { kind: 'file', path: '/etc/hostname', mode: 0o644, data: `${host}\n` },
        { kind: 'file', path: '/etc/hosts', mode: 0o644, data: hostsFile(host, hosts) },
        ...(request.installed?.(host) ?? []),
      ];
      for (const file of request.files) {
        if (file.host === host) own.push({ kind: 'file', path: file.path, mode: file.mode, data: file.content });
      }
      supervisor.send(['host', host, hostBatch(host), ...own.flatMap(entryFields)]);
    }
    supervisor.send(['boot', routerBatch(hosts)]);
    await supervisor.ready(hosts.length, request.signal);
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
  const machines = new Map(hosts.map((name) => [name, new NamespaceHost(name, supervisor, request.fault)]));
  return {
    host: (name) => machines.get(name),
    died: supervisor.died,
    supervisor,
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

function entryFields(entry: TemplateEntry): Field[] {
  return [entry.kind, entry.mode.toString(8), entry.path, entry.data];
}
