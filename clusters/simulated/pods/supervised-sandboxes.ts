import type { Socket as Datagrams } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { NodePathKind } from '../hosts/node-path-kind.ts';
import { LAN } from '../hosts/network-plan.ts';
import type { Supervisor } from '../hosts/supervisor.ts';
import { cableOf } from './cable.ts';
import type { ObservedCall } from '../hosts/observed-call.ts';
import type { AuditRecord } from './audit-record.ts';
import { ObservedContainers } from './observed-containers.ts';
import { entryFields } from './launch-fields.ts';
import type { NetworkChange, Plug, PodRequest, PodSandboxes, SandboxedPod } from './sandbox.ts';
import { SupervisedContainers } from './supervised-containers.ts';

/** Sandboxes that a lab's supervisor makes (hosts/agent/pod.pl). */
export class SupervisedSandboxes implements PodSandboxes {
  readonly #supervisor: Supervisor;
  readonly #observed: ObservedContainers;
  /** Pods whose network is that of a node without a machine. */
  readonly #standIns = new Map<string, string>();
  readonly #containers: SupervisedContainers;
  #pods = 0;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#observed = new ObservedContainers(supervisor.observer);
    this.#containers = new SupervisedContainers(supervisor, this.#observed);
  }

  get isFull(): boolean {
    return this.#containers.areFull;
  }

  hearCalls(hear: (id: string, call: ObservedCall) => void): void {
    this.#observed.hearCalls(hear);
  }

  hearRecords(hear: (id: string, record: AuditRecord) => void): void {
    this.#observed.hearRecords(hear);
  }

  wantCalls(wanted: boolean): void {
    this.#observed.wantCalls(wanted);
  }

  async makeNode(name: string, address: string): Promise<void> {
    if (this.#supervisor.hosts.has(name)) return;
    const { bridge, gateway } = LAN;
    const plug: Plug = { node: '', bridge, ways: [['default', gateway]] };
    this.#standIns.set(name, await this.#makeSandbox({ hostname: name, address, plug, node: '', shares: [] }));
  }

  /** By which the supervisor knows the network of a node; the router's has an empty name. */
  #networkOf(node: string): string {
    return this.#supervisor.hosts.has(node) ? node : (this.#standIns.get(node) ?? '');
  }

  async setRules(node: string, rules: string): Promise<void> {
    await this.#supervisor.ask('filter', this.#networkOf(node), rules);
  }

  async changeNodeNetwork(node: string, { links, rules, routesLoopback = false }: NetworkChange): Promise<void> {
    const settings = routesLoopback ? 'ip_forward conf/all/route_localnet' : 'ip_forward';
    await this.#supervisor.ask('host-network', this.#networkOf(node), settings, links, rules);
  }

  async nodeRules(node: string): Promise<string> {
    const [said] = await this.#supervisor.ask('host-rules', this.#networkOf(node));
    return String(said ?? '');
  }

  watchRules(node: string, chain: string, deleted: () => void): Promise<Disposable> {
    return this.#supervisor.watchRules(this.#networkOf(node), chain, deleted);
  }

  async nodePath(node: string, path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind> {
    const [kind] = await this.#supervisor.ask('node-path', node, path, make ?? '');
    return String(kind) as NodePathKind;
  }

  async nodeFile(node: string, path: string, maxBytes: number): Promise<Buffer | undefined> {
    const read = await this.#supervisor.ask('read', node, path, maxBytes).catch(() => undefined); // a node without a machine
    if (read === undefined) return undefined;
    const [outcome, , truncated, content] = read;
    return String(outcome) === 'read' && String(truncated) !== '1' ? (content ?? Buffer.alloc(0)) : undefined;
  }

  /** Returns the name by which the supervisor knows it. */
  async #makeSandbox(request: PodRequest): Promise<string> {
    const { hostname, node, shares, plug } = request;
    const number = ++this.#pods;
    const name = `p${number}`;
    const { outside, inside } = cableOf(request, number);
    if (shares.includes('pid')) await this.#supervisor.lookers.get(node)?.();
    await this.#supervisor.ask(
      'pod',
      name,
      hostname.slice(0, 63),
      lines(outside),
      lines(inside),
      node,
      shares.join(' '),
      plug === 'none' ? '' : this.#networkOf(plug.node),
    );
    return name;
  }

  async makePod(request: PodRequest): Promise<SandboxedPod> {
    const name = await this.#makeSandbox(request);
    const served = new Set<Server | Datagrams>();
    void this.#supervisor.ended.then(() => served.forEach((server) => server.close()));
    return {
      writeVolumes: async (entries) => {
        await this.#supervisor.ask('volumes', name, ...entries.flatMap(entryFields));
      },
      readVolumeFile: async (path, maxBytes) => {
        const [bytes] = await this.#supervisor.ask('read-volume', name, path, maxBytes);
        return bytes ?? Buffer.alloc(0);
      },
      storageUsed: async (volumes, containers) => {
        const names = containers.map((container) => container.name);
        const used = await this.#supervisor.ask('storage-used', name, volumes.join(' '), names.join(' '));
        return used.map(Number);
      },
      run: (launch) => this.#containers.run(name, request, launch),
      serve: async (port, accept) => {
        const server = await this.#supervisor.askForServer('listen', name, '0.0.0.0', port).catch(() => undefined);
        if (server === undefined) return undefined;
        server.unref();
        server.on('connection', accept);
        served.add(server);
        return {
          [Symbol.dispose]() {
            served.delete(server);
            server.close();
          },
        };
      },
      datagrams: async (port) => {
        const socket = await this.#supervisor
          .askForDatagrams('datagrams', name, '0.0.0.0', port)
          .catch(() => undefined);
        if (socket === undefined) return undefined;
        socket.unref();
        socket.on('error', () => undefined); // who asked has gone
        socket.on('close', () => served.delete(socket));
        served.add(socket);
        return socket;
      },
      dial: (to, port, signal): Promise<Socket | number | undefined> => this.#supervisor.dial(name, to, port, signal),
      [Symbol.asyncDispose]: async () => {
        for (const server of served) server.close();
        await this.#supervisor.ask('end-pod', name).catch(() => undefined); // the lab went first
      },
    };
  }
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
