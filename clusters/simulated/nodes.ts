import type { HostName } from '../../protocol/host.ts';
import { accessByCertificate } from './cluster-access.ts';
import type { Component } from './components/component.ts';
import { klogLine } from './components/klog.ts';
import { kubeletLines } from './components/node/kubelet-journal.ts';
import { followPodLogs, type PodLogFilesRequest } from './components/logs/pod-log-files.ts';
import type { ControlPlaneMachine } from './control-plane-machine.ts';
import type { Clock } from './clock.ts';
import { etcdDaemon } from './daemons/etcd/etcd-daemon.ts';
import { KernelLog } from './daemons/kernel-log/kernel-log.ts';
import { Journal } from './daemons/systemd/journal.ts';
import { type Daemons, type DaemonsRequest, startDaemons } from './daemons/start-daemons.ts';
import type { UnitManager } from './daemons/systemd/unit-manager.ts';
import type { ComingHosts } from './hosts/start-hosts.ts';
import type { SimulatedHost } from './hosts/simulated-host.ts';
import { IMAGES } from './images/table.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { RELEASE } from './kubernetes/bootstrap/release.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import type { StoreEvent } from './kubernetes/store/cluster.ts';
import { nameSuffix, type Randomness } from './kubernetes/randomness.ts';
import { INSTALLED } from './installed.ts';
import { dialFromHost } from './network/dial-from-host.ts';
import { atRest } from './network/on-network.ts';
import { toolsOn } from './tools/table.ts';
import { playDashboard } from './dashboard-cluster.ts';
import { kubeletCluster } from './kubelet-cluster.ts';
import { runtimeOf } from './node-runtime/node-runtime.ts';
import { programsOf } from './node-programs.ts';

export interface NodesRequest {
  readonly hosts: ComingHosts;
  readonly machine: ControlPlaneMachine;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: (line: string) => void;
  readonly sshHostKey: string;
  /** Whether a file of a host is the scenario's own. */
  readonly isSeeded: (host: HostName, path: string) => boolean;
}

export interface Nodes extends AsyncDisposable {
  /** Keeps the logs of pods on their nodes' disks from now on: the cluster is on the network, and what runs in it really runs. */
  keepLogs(): void;
}

/** A host with all that runs on it. */
interface BootedHost {
  readonly name: HostName;
  readonly host: SimulatedHost;
  readonly daemons: Daemons;
}

/** Boots the daemons of every host as soon as it is up, and connects the nodes with their cluster. */
export async function startNodes(request: NodesRequest): Promise<Nodes> {
  await using started = new AsyncDisposableStack();
  const { machine } = request;
  const booted = await Promise.all(
    (Object.keys(INSTALLED) as HostName[]).flatMap((name) => {
      const coming = request.hosts.up(name);
      return coming === undefined ? [] : [coming.then((host) => boot(name, host, started, request))];
    }),
  );
  playDashboard(machine, request.pki);
  const kubelets = booted.filter(({ name }) => INSTALLED[name].includes('kubelet'));
  for (const { name, daemons } of kubelets) {
    started.use(followApiServer(name, daemons, request));
    started.use(followPods(name, daemons, request));
  }
  const all = started.move();
  return {
    keepLogs() {
      const { clock } = request;
      const { cluster } = machine.plane;
      const lines: PodLogFilesRequest['lines'] = (...asked) => machine.inPods.followLog(...asked);
      for (const { host } of kubelets) all.use(followPodLogs({ cluster, host, clock, lines }));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function boot(
  name: HostName,
  host: SimulatedHost,
  started: AsyncDisposableStack,
  request: NodesRequest,
): Promise<BootedHost> {
  const { machine, clock } = request;
  const journal = new Journal(clock);
  const ofKubelet = (line: string): void => journal.write('kubelet.service', 'kubelet', line);
  const node = CLUSTER_PLAN.nodes.find((plan) => plan.name === name);
  let units: UnitManager | undefined;
  const processes = () => programsOf(name, units, machine);
  const log = (identifier: string, line: string): void => journal.write('session-1.scope', identifier, line);
  const context = { host, clock, cluster: machine.plane.cluster, processes, events: machine.events, log };
  if (node !== undefined) {
    const kernel = new KernelLog(journal, clock);
    started.use(machine.events.records(name, (record) => kernel.record(record)));
    const { signal } = new AbortController();
    started.use(host.beforeFirstProgram(() => atRest(() => machine.network.show(name), signal)));
  }
  if (node?.isControlPlane === true) machine.setComponent('etcd', etcdComponent(host, request));
  const bootDaemons = async (): Promise<Daemons> => {
    const running = started.use(await startDaemons(daemonsOf(name, host, journal, request)));
    ({ units } = running);
    return running;
  };
  const [daemons] = await Promise.all([
    bootDaemons(),
    Promise.all(
      toolsOn(name).map((tool) =>
        tool.program === undefined
          ? host.installCommand(tool.name, tool.command(context))
          : host.installProgram(tool.program, tool.command(context)),
      ),
    ),
    node?.isControlPlane === true ? machine.moveInto(host, ofKubelet) : undefined,
    node?.isControlPlane === false ? machine.startStaticPods(node, host, ofKubelet) : undefined,
  ]);
  return { name, host, daemons };
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
    isSeeded: (path) => request.isSeeded(name, path),
    ...(installed.includes('falco') ? { falco: { events: machine.events } } : {}),
    ...(installed.includes('ssh')
      ? { ssh: { hostKey: sshHostKey, newId: () => `ssh-${nameSuffix(randomness, 10)}` } }
      : {}),
    ...(installed.includes('docker') ? { docker: dockerOf(request) } : {}),
    ...(node === undefined
      ? {}
      : {
          kubelet: {
            cluster: kubeletCluster(machine.plane.cluster, node, machine.inPods, access),
            release: RELEASE.kubernetes,
            makeServingCertificate: () =>
              Promise.resolve(
                pki.servingCertificate({ commonName: `${name}-ca`, dnsNames: [name], addresses: [node.address] }),
              ),
            randomness,
            way: { dial: dialFromHost(host), isAsLaid: !KUBELET_FILES.some((path) => request.isSeeded(name, path)) },
            onRunning: (run) => machine.setKubelet(name, run && { ...run, staticPods: run.config.staticPodPath }),
          },
          containerRuntime: runtimeOf(name, machine, host),
        }),
  };
}

/** What a kubelet shows itself with. */
const KUBELET_FILES = ['/etc/kubernetes/kubelet.conf', '/var/lib/kubelet/pki/kubelet-client-current.pem'];

/** What Docker has pulled on a node before a lab begins. */
const PULLED = ['alpine', 'busybox', 'nginx'];

const dockerOf = ({ machine, log }: NodesRequest): NonNullable<DaemonsRequest['docker']> => ({
  images: IMAGES,
  present: PULLED,
  sandboxes: () => machine.network.sandboxes(),
  fault: (error) =>
    log(`a program in a container of Docker: ${error instanceof Error ? error.message : String(error)}`),
});

function etcdComponent(host: SimulatedHost, { machine, clock }: NodesRequest): Component {
  const unit = etcdDaemon(host, machine.plane.keys, clock);
  let running = false;
  return {
    async start(argv, log, daemon = host.newDaemon()) {
      const failure = await unit.start({
        argv: ['etcd', ...argv],
        environment: {},
        listen: (port, address) => daemon.listen(port, address),
        listenWhenSeen: (port, address, take) => daemon.listenWhenSeen(port, address, take),
        listenUnix: (path, mode) => daemon.listenUnix(path, mode),
        log,
        exited: () => undefined,
      });
      running = failure === undefined;
      return failure?.lines.join('\n');
    },
    async stop() {
      if (running) await unit.stop();
      running = false;
    },
  };
}

/** How often a kubelet renews its node's lease (its `nodeLeaseDurationSeconds`, 40, times 0.25). */
const LEASE_MS = 10_000;

/** What a kubelet says when the API server does not answer it (kubernetes/component-helpers/apimachinery/lease/controller.go). */
function followApiServer(node: HostName, { units }: Daemons, { machine, clock }: NodesRequest): Disposable {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}?timeout=10s`;
  const { host } = new URL(CLUSTER_PLAN.endpoint);
  const problem = `"Failed to ensure lease exists, will retry" err="Get \\"https://${host}${path}\\": dial tcp ${host}: connect: connection refused" interval="10s"`;
  let timer: Disposable;
  const look = (): void => {
    const runs = units.view('kubelet.service')?.state.active === 'active';
    if (runs && !machine.plane.up && machine.hearsOf(node))
      units.journal.write('kubelet.service', 'kubelet', klogLine(clock, 'E', 'controller.go:145', problem));
    timer = clock.after(LEASE_MS, look);
  };
  timer = clock.after(LEASE_MS, look);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** What a node's kubelet writes of the pods that it is given, as long as it runs. */
function followPods(node: HostName, { units }: Daemons, { machine, clock }: NodesRequest): Disposable {
  const { cluster } = machine.plane;
  const hear = (event: StoreEvent): void => {
    if (units.view('kubelet.service')?.state.active !== 'active' || !machine.hearsOf(node)) return;
    for (const { severity, place, message } of kubeletLines(node, event))
      units.journal.write('kubelet.service', 'kubelet', klogLine(clock, severity, place, message));
  };
  const pods = cluster.resource('pods');
  for (const object of cluster.list(pods)) hear({ type: 'ADDED', object, revision: 0 });
  return cluster.watch(pods, hear);
}
