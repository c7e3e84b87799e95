import type { Command, SimulatedHost } from '../hosts/simulated-host.ts';
import { aptCommands } from './apt/apt.ts';
import type { Clock } from '../clock.ts';
import { SU_OF_USERS, SUDO_OF_USERS } from '../hosts/privilege-files.ts';
import { containerd, containerdVersion } from './crictl/containerd.ts';
import { crictl } from './crictl/crictl.ts';
import { ctr } from './crictl/ctr.ts';
import type { CriRuntime } from './crictl/cri-runtime.ts';
import { dockerCommand } from './docker/client/docker-command.ts';
import type { ContainerEvents } from '../tools/falco/events.ts';
import { FALCO_PROGRAM, falcoDaemon } from '../tools/falco/falco-daemon.ts';
import { dockerd } from './docker/dockerd.ts';
import { DOCKER_VERSION } from './docker/versions.ts';
import { Engine, type EngineRequest } from './docker/engine.ts';
import { inForeground } from './in-foreground.ts';
import { unitsOf } from './packages.ts';
import { refusePrograms } from './unmodelled-programs.ts';
import { dmesg } from './kernel-log/dmesg.ts';
import { kubeadm, type KubeadmOptions } from './kubeadm/kubeadm.ts';
import { kubeletCommand } from './kubelet-api/kubelet-command.ts';
import type { KubeletDaemonRequest } from './kubelet-api/kubelet-daemon.ts';
import { kubeletDaemon } from './kubelet-api/kubelet-daemon.ts';
import { su } from './privileges/su.ts';
import { sudo } from './privileges/sudo.ts';
import { sshdCommand } from './sshd/sshd-command.ts';
import { sshd } from './sshd/sshd.ts';
import type { Journal } from './systemd/journal.ts';
import { forReaders, journalctl } from './systemd/journalctl.ts';
import { serviceCommand } from './systemd/service-command.ts';
import { KernelSettings } from './sysctl/kernel-settings.ts';
import { sysctl } from './sysctl/sysctl.ts';
import { systemctl } from './systemd/systemctl.ts';
import { UnitManager } from './systemd/unit-manager.ts';
import type { Unit, VendorUnit } from './systemd/unit.ts';
import { vsftpd } from './vsftpd/vsftpd.ts';
import { VSFTPD_CONFIG } from './vsftpd/vsftpd-config.ts';

/** What runs on one host; what is left out is not installed there. */
export interface DaemonsRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  /** Where the units write, and others of the same host too. */
  readonly journal: Journal;
  readonly ssh?: {
    /** From `makeSshHostKey`, one a server. */
    readonly hostKey: string;
    /** Names a login's shell uniquely on the host. */
    readonly newId: () => string;
  };
  readonly docker?: Omit<EngineRequest, 'host' | 'clock'>;
  /** With its `release`, for instance `v1.36.0`; kubeadm of the same release comes with it. */
  readonly kubelet?: Omit<KubeletDaemonRequest, 'host' | 'clock' | 'kernel'> & Pick<KubeadmOptions, 'randomness'>;
  /** containerd, and crictl to ask it. */
  readonly containerRuntime?: CriRuntime;
  /** falco, which watches over what happens there. */
  readonly falco?: { readonly events: ContainerEvents };
  /** Whether a file of the host is the scenario's own; of those that packages bring none when it is left out. */
  readonly isSeeded?: (path: string) => boolean;
}

export interface Daemons extends AsyncDisposable {
  readonly units: UnitManager;
}

/** Boots a host that has the files of `packageEntries`: units that are enabled, and the commands to rule them. */
export async function startDaemons(request: DaemonsRequest): Promise<Daemons> {
  const { host, clock, journal, ssh, docker, kubelet, containerRuntime, falco, isSeeded } = request;
  await using started = new AsyncDisposableStack();
  const daemons: Record<string, () => Unit> = {};
  const vendor: VendorUnit[] = [];
  const commands: Record<string, Command> = {};
  /** What packages have in /usr/bin and /usr/sbin, by path. */
  const programs: Record<string, Command> = {};
  /** Those that whoever is not root may call too: they heed who it is. */
  const forUsers: Record<string, Command> = {};

  if (ssh !== undefined) {
    vendor.push(...unitsOf('ssh'));
    const server = started.use(sshd({ host, ...ssh }));
    daemons['sshd'] = () => server;
    programs['/usr/sbin/sshd'] = sshdCommand(host);
  }

  const engine = docker && dockerd(host, new Engine({ host, clock, ...docker }), clock);
  if (engine !== undefined) {
    vendor.push(...unitsOf('docker'));
    daemons['dockerd'] = () => engine;
    programs['/usr/bin/dockerd'] = inForeground(
      'dockerd',
      'docker',
      `Docker version ${DOCKER_VERSION}, build breachlab`,
    );
  }
  // The client is everywhere: an engine across the network is what it is for.
  forUsers['docker'] = dockerCommand(host, (path) => engine?.connectUnix(path) ?? units.connectUnix(path), clock);

  if (kubelet !== undefined) {
    const { randomness, ...daemon } = kubelet;
    const kernel = await KernelSettings.boot(host);
    commands['sysctl'] = sysctl(host, kernel);
    vendor.push(...unitsOf('kubelet'));
    const server = kubeletDaemon({ host, clock, kernel, ...daemon });
    daemons['kubelet'] = () => server;
    commands['dmesg'] = dmesg(journal);
    programs['/usr/bin/kubelet'] = kubeletCommand(host, kubelet.release);
    programs['/usr/bin/kubeadm'] = kubeadm({ host, clock, randomness, release: kubelet.release });
  }
  if (containerRuntime !== undefined) {
    vendor.push(...unitsOf('containerd'));
    const runtime = containerd(host, containerRuntime);
    daemons['containerd'] = () => runtime;
    programs['/usr/bin/containerd'] = inForeground('containerd', 'containerd', containerdVersion());
    programs['/usr/bin/crictl'] = crictl(host, () => runtime.runtime, clock);
    programs['/usr/bin/ctr'] = ctr(() => runtime.runtime);
  }

  if (falco !== undefined) {
    vendor.push(...unitsOf('falco'));
    daemons['falco'] = () => falcoDaemon({ host, clock, ...falco });
    await host.placeProgram(FALCO_PROGRAM, true); // its command is the tool's
  }

  if ((await host.readFile(VSFTPD_CONFIG, { maxBytes: 0 })).outcome === 'read') {
    vendor.push(...unitsOf('vsftpd'));
    const server = vsftpd(host);
    daemons['vsftpd'] = () => server;
    programs['/usr/sbin/vsftpd'] = inForeground('vsftpd', 'vsftpd', 'vsftpd: version 3.0.3');
  }

  await Promise.all(Object.entries(programs).map(([path, run]) => host.installProgram(path, run)));
  const boot = UnitManager.boot({
    host,
    vendor,
    daemons,
    journal,
    clock,
    ...(isSeeded === undefined ? {} : { isSeeded }),
  });
  const units = started.use(await boot);
  const control = systemctl(units, clock);
  forUsers['systemctl'] = control;
  forUsers['service'] = serviceCommand(control);
  forUsers['journalctl'] = forReaders(host, journalctl(units, clock));
  let terminals = 0;
  const privileges = { host, clock, newId: () => `as-${++terminals}` };
  forUsers[SUDO_OF_USERS] = sudo(privileges);
  forUsers[SU_OF_USERS] = su(privileges);
  if (vendor.length > 0) Object.assign(commands, aptCommands(host, units));
  started.use(refusePrograms(host, vendor.length > 0));
  await Promise.all([
    ...Object.entries(commands).map(([name, run]) => host.installCommand(name, run)),
    ...Object.entries(forUsers).map(([name, run]) => host.installCommand(name, run, { forUsers: true })),
  ]);
  const running = started.move();
  return { units, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
