import type { HostName } from '../../protocol/host.ts';
import { accessByCertificate } from './cluster-access.ts';
import type { Component } from './components/component.ts';
import { followNodePorts, type NodePortsRequest } from './components/node-port-services.ts';
import type { ControlPlaneMachine } from './control-plane-machine.ts';
import type { Clock } from './clock.ts';
import type { CriContainer, CriRuntime } from './daemons/crictl/crictl.ts';
import { etcdDaemon } from './daemons/etcd/etcd-daemon.ts';
import { Journal } from './daemons/systemd/journal.ts';
import { type Daemons, type DaemonsRequest, startDaemons } from './daemons/start-daemons.ts';
import type { UnitManager } from './daemons/systemd/unit-manager.ts';
import type { HostSet } from './hosts/start-hosts.ts';
import type { SimulatedHost } from './hosts/simulated-host.ts';
import { IMAGES } from './images/table.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { RELEASE } from './kubernetes/bootstrap/release.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import { nameSuffix, type Randomness } from './kubernetes/randomness.ts';
import { INSTALLED } from './installed.ts';
import { toolsOn } from './tools/table.ts';
import { playDashboard } from './dashboard-cluster.ts';
import { kubeletCluster } from './kubelet-cluster.ts';
import { programsOf } from './node-programs.ts';

export interface NodesRequest {
  readonly hosts: HostSet;
  readonly machine: ControlPlaneMachine;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: (line: string) => void;
  readonly sshHostKey: string;
}

export type Nodes = AsyncDisposable;

/** Boots the daemons of every host and connects the nodes with their cluster. */
export async function startNodes(request: NodesRequest): Promise<Nodes> {
  await using started = new AsyncDisposableStack();
  const present = (Object.keys(INSTALLED) as HostName[]).flatMap((name) => {
    const host = request.hosts.host(name);
    return host === undefined ? [] : [{ name, host }];
  });
  const { machine } = request;
  const controlPlane = request.hosts.host('controlplane');
  const journals = new Map(present.map(({ name }) => [name, new Journal(request.clock)]));
  const journal = (name: HostName): Journal => journals.get(name) ?? new Journal(request.clock);
  if (controlPlane !== undefined) machine.setComponent('etcd', etcdComponent(controlPlane, request));
  const units = new Map<HostName, UnitManager>();
  const [daemons] = await Promise.all([
    Promise.all(
      present.map(async ({ name, host }) => {
        const running = started.use(await startDaemons(daemonsOf(name, host, journal(name), request)));
        units.set(name, running.units);
        return { name, daemons: running };
      }),
    ),
    Promise.all(
      present.flatMap(({ name, host }) => {
        const { clock } = request;
        const processes = () => programsOf(name, units.get(name), machine);
        const context = { host, clock, cluster: machine.plane.cluster, processes };
        return toolsOn(name).map((tool) => host.installCommand(tool.name, tool.command(context)));
      }),
    ),
    controlPlane === undefined
      ? undefined
      : machine.moveInto(controlPlane, (line) => journal('controlplane').write('kubelet.service', 'kubelet', line)),
  ]);
  playDashboard(machine, request.pki);
  for (const { name, daemons: running } of daemons) {
    if (!INSTALLED[name].includes('kubelet')) continue;
    started.use(followNodePorts(running.nodePorts, portsOf(name, request)));
    started.use(followApiServer(name, running, request));
  }
  const all = started.move();
  return { [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function daemonsOf(name: HostName, host: SimulatedHost, journal: Journal, request: NodesRequest): DaemonsRequest {
  const { machine, pki, clock, randomness, sshHostKey } = request;
  const installed = INSTALLED[name];
  const node = CLUSTER_PLAN.nodes.find((plan) => plan.name === name);
  const access = () =>
    accessByCertificate(pki, `https://127.0.0.1:${machine.loopbackPort}`, `system:node:${name}`, ['system:nodes']);
  return {
    host,
    clock,
    journal,
    ...(installed.includes('ssh')
      ? { ssh: { hostKey: sshHostKey, newId: () => `ssh-${nameSuffix(randomness, 10)}` } }
      : {}),
    ...(installed.includes('docker') ? { docker: { images: dockerImages(clock), containers: [] } } : {}),
    ...(node === undefined
      ? {}
      : {
          kubelet: {
            cluster: kubeletCluster(machine.plane.cluster, name, machine, access),
            release: RELEASE.kubernetes,
            makeServingCertificate: () =>
              Promise.resolve(
                pki.servingCertificate({ commonName: `${name}-ca`, dnsNames: [name], addresses: [node.address] }),
              ),
            onRunning: (running) => machine.setKubelet(name, running),
          },
          containerRuntime: runtimeOf(name, machine),
        }),
  };
}

const dockerImages = (clock: Clock): { reference: string; bytes: number; created: Date }[] =>
  IMAGES.filter(({ repository }) => ['alpine', 'busybox', 'nginx'].includes(repository)).map(
    ({ repository, bytes }) => ({
      reference: `${repository}:latest`,
      bytes,
      created: new Date(clock.now() - 30 * 24 * 3_600_000),
    }),
  );

function etcdComponent(host: SimulatedHost, { machine, clock }: NodesRequest): Component {
  const unit = etcdDaemon(host, machine.plane.keys, clock);
  let running = false;
  return {
    async start(argv, log) {
      const failure = await unit.start({ argv: ['etcd', ...argv], environment: {}, log, exited: () => undefined });
      running = failure === undefined;
      return failure?.lines.join('\n');
    },
    async stop() {
      if (running) await unit.stop();
      running = false;
    },
  };
}

function portsOf(node: HostName, { hosts, machine, randomness, log }: NodesRequest): NodePortsRequest {
  return {
    cluster: machine.plane.cluster,
    node,
    randomness,
    placed: (pod) => machine.network.placed(pod),
    dial: async (address, port, signal) =>
      hosts.host(node)?.dial(address, port, signal) ?? { outcome: 'unreachable', detail: `no ${node}` },
    log,
  };
}

/** How often a kubelet renews its node's lease (its `nodeLeaseDurationSeconds`, 40, times 0.25). */
const LEASE_MS = 10_000;

/** What a kubelet says when the API server does not answer it (kubernetes/component-helpers/apimachinery/lease/controller.go). */
function followApiServer(node: HostName, { units }: Daemons, { machine, clock }: NodesRequest): Disposable {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}?timeout=10s`;
  const { host } = new URL(CLUSTER_PLAN.endpoint);
  const line = `"Failed to ensure lease exists, will retry" err="Get \\"https://${host}${path}\\": dial tcp ${host}: connect: connection refused" interval="10s"`;
  let timer: Disposable;
  const look = (): void => {
    const runs = units.view('kubelet.service')?.state.active === 'active';
    if (runs && !machine.plane.up) units.journal.write('kubelet.service', 'kubelet', line);
    timer = clock.after(LEASE_MS, look);
  };
  timer = clock.after(LEASE_MS, look);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** The containers of a node for crictl: its pods' by their status, and the control plane's own by their runner. */
function runtimeOf(node: string, machine: ControlPlaneMachine): CriRuntime {
  const created = (time: string | undefined): Date => new Date(Date.parse(time ?? '') || 0);
  const { cluster } = machine.plane;
  const list = (): CriContainer[] => {
    const ofPods = (cluster.list(cluster.resource('pods')) as readonly Pod[])
      .filter(
        ({ spec, metadata }) =>
          spec.nodeName === node && metadata.annotations?.['kubernetes.io/config.mirror'] === undefined,
      )
      .flatMap((pod) =>
        (pod.status.containerStatuses ?? []).flatMap((status): CriContainer[] => {
          const id = status.containerID?.replace('containerd://', '');
          if (id === undefined) return [];
          const sandbox = {
            id: (pod.metadata.uid ?? '').replaceAll('-', '').padEnd(64, '0'),
            name: pod.metadata.name,
            namespace: pod.metadata.namespace ?? '',
            attempt: 0,
            ready: true,
            created: created(pod.status.startTime),
          };
          const { running, terminated } = status.state ?? {};
          return [
            {
              id,
              sandbox,
              name: status.name,
              image: status.image,
              state: running === undefined ? 'Exited' : 'Running',
              exitCode: terminated?.exitCode ?? 0,
              attempt: status.restartCount,
              created: created(running?.startedAt ?? terminated?.startedAt),
            },
          ];
        }),
      );
    if (node !== 'controlplane') return ofPods;
    const ofRunner = machine.containers.map((container): CriContainer => ({
      id: container.id,
      sandbox: {
        id: container.sandbox,
        name: container.pod,
        namespace: container.namespace,
        attempt: 0,
        ready: true,
        created: new Date(container.startedAt),
      },
      name: container.name,
      image: container.image,
      state: container.state,
      exitCode: container.exitCode,
      attempt: container.attempt,
      created: new Date(container.startedAt),
    }));
    return [...ofRunner, ...ofPods];
  };
  return {
    containers: () => Promise.resolve(list()),
    sandboxes: () => Promise.resolve([...new Map(list().map(({ sandbox }) => [sandbox.id, sandbox])).values()]),
    images: () =>
      Promise.resolve(
        [...new Map(list().map(({ image }) => [image, image])).keys()].map((reference) => ({
          id: Buffer.from(reference).toString('hex').padEnd(64, '0').slice(0, 64),
          reference,
          bytes: IMAGES.find(({ repository }) => reference.includes(repository))?.bytes ?? 0,
        })),
      ),
    async logs(id) {
      const ofRunner = machine.containers.find((container) => container.id.startsWith(id));
      if (ofRunner !== undefined) return ofRunner.log.map((line) => `${line}\n`).join('');
      for (const pod of cluster.list(cluster.resource('pods')) as readonly Pod[]) {
        const found = pod.status.containerStatuses?.find(({ containerID }) =>
          containerID?.startsWith(`containerd://${id}`),
        );
        if (pod.spec.nodeName === node && found !== undefined) return machine.logOfPod(pod, found.name).catch(() => '');
      }
      return undefined;
    },
  };
}
