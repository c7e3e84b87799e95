import type { SimulatedHost } from '../hosts/simulated-host.ts';
import type { Clock } from './clock.ts';
import { crictl, type CriRuntime } from './crictl/crictl.ts';
import { dockerCommand } from './docker/docker-command.ts';
import { dockerd } from './docker/dockerd.ts';
import { Engine, type EngineContainer, type EngineImage } from './docker/engine.ts';
import type { EtcdData } from './etcd/etcd-data.ts';
import { etcdDaemon } from './etcd/etcd-daemon.ts';
import type { KubeletDaemonRequest } from './kubelet-api/kubelet-daemon.ts';
import { kubeletDaemon } from './kubelet-api/kubelet-daemon.ts';
import { NodePorts } from './node-ports/node-ports.ts';
import { installFiles, KUBELET_FILES, SSH_FILES } from './package-files.ts';
import { sshdCommand } from './sshd/sshd-command.ts';
import { sshd } from './sshd/sshd.ts';
import { followStaticPod, type StaticPod, type StaticPodState } from './static-pod/static-pod.ts';
import { Journal } from './systemd/journal.ts';
import { journalctl } from './systemd/journalctl.ts';
import { serviceCommand } from './systemd/service-command.ts';
import { systemctl } from './systemd/systemctl.ts';
import { UnitManager } from './systemd/unit-manager.ts';
import type { Unit, VendorUnit } from './systemd/unit.ts';
import { DOCKER_UNIT, KUBELET_UNIT, SSH_UNIT } from './systemd/vendor-units.ts';

/** What runs on one host; what is left out is not installed there. */
export interface DaemonsRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly ssh?: {
    /** From `makeSshHostKey`, one a server. */
    readonly hostKey: string;
    /** Names a login's shell uniquely on the host. */
    readonly newId: () => string;
  };
  readonly docker?: { readonly images: readonly EngineImage[]; readonly containers: readonly EngineContainer[] };
  readonly kubelet?: Omit<KubeletDaemonRequest, 'host'> & {
    /** The cluster's CA, PEM; written to /etc/kubernetes/pki/ca.crt where there is none. */
    readonly certificateAuthority: string;
  };
  readonly containerRuntime?: CriRuntime;
  /** The static pod of /etc/kubernetes/manifests/etcd.yaml, whose certificates the caller has put where its flags say. */
  readonly etcd?: { readonly data: EtcdData; readonly changed?: (state: StaticPodState) => void };
}

export interface Daemons extends AsyncDisposable {
  readonly units: UnitManager;
  readonly nodePorts: NodePorts;
  readonly etcd: StaticPod | undefined;
}

/** Boots a host: packages' files, units that are enabled, static pods, and the commands to rule them. */
export async function startDaemons(request: DaemonsRequest): Promise<Daemons> {
  const { host, clock, ssh, docker, kubelet, containerRuntime, etcd } = request;
  await using started = new AsyncDisposableStack();
  const daemons: Record<string, () => Unit> = {};
  const vendor: VendorUnit[] = [];

  if (ssh !== undefined) {
    await installFiles(host, SSH_FILES);
    vendor.push(SSH_UNIT);
    const server = started.use(sshd({ host, ...ssh }));
    daemons['sshd'] = () => server;
    await host.installCommand('sshd', sshdCommand(host));
  }

  const engine = docker && dockerd(host, new Engine({ host, clock, ...docker }));
  if (engine !== undefined) {
    vendor.push(DOCKER_UNIT);
    daemons['dockerd'] = () => engine;
  }
  // The client is everywhere: an engine across the network is what it is for.
  await host.installCommand(
    'docker',
    dockerCommand(host, (path) => engine?.connectUnix(path), clock),
  );

  if (kubelet !== undefined) {
    const ca = { path: '/etc/kubernetes/pki/ca.crt', text: kubelet.certificateAuthority, mode: 0o644 };
    await installFiles(host, [...KUBELET_FILES, ca]);
    vendor.push(KUBELET_UNIT);
    daemons['kubelet'] = () => kubeletDaemon({ host, ...kubelet });
  }

  if (containerRuntime !== undefined) await host.installCommand('crictl', crictl(containerRuntime, clock));

  const units = started.use(await UnitManager.boot({ host, vendor, daemons, journal: new Journal(clock), clock }));
  const control = systemctl(units, clock);
  await host.installCommand('systemctl', control);
  await host.installCommand('service', serviceCommand(control));
  await host.installCommand('journalctl', journalctl(units, clock));

  const changed = etcd?.changed;
  const etcdPod =
    etcd &&
    started.use(
      await followStaticPod({
        host,
        manifest: '/etc/kubernetes/manifests/etcd.yaml',
        unit: etcdDaemon(host, etcd.data),
        clock,
        ...(changed === undefined ? {} : { changed }),
      }),
    );
  const nodePorts = started.use(new NodePorts(host));
  const running = started.move();
  return { units, nodePorts, etcd: etcdPod, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
