import type { ContainerConfig } from '../container-config.ts';

/** Wishes that a lab grants to nobody, so that all containers have what docker gives unasked (moby api/types/container/hostconfig.go). */
const HOST_DEFAULTS = {
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  VolumeDriver: '',
  VolumesFrom: null,
  CgroupnsMode: 'private',
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PublishAllPorts: false,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Runtime: 'runc',
  Isolation: '',
  CpuShares: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: [],
};

const orNull = (list: readonly string[]): readonly string[] | null => (list.length === 0 ? null : list);

/** What an inspection tells of a container's place on its node. */
export function hostConfigOf(config: ContainerConfig): object {
  const bindings = Object.fromEntries(
    config.ports.map(({ port, hostAddress, hostPort }) => [
      `${port}/tcp`,
      [{ HostIp: hostAddress === '0.0.0.0' ? '' : hostAddress, HostPort: hostPort === 0 ? '' : String(hostPort) }],
    ]),
  );
  return {
    ...HOST_DEFAULTS,
    Binds: orNull(config.binds),
    NetworkMode: config.network,
    PortBindings: bindings,
    RestartPolicy: { Name: config.restart.policy, MaximumRetryCount: config.restart.most },
    AutoRemove: config.autoRemove,
    CapAdd: orNull(config.capAdd),
    CapDrop: orNull(config.capDrop),
    ExtraHosts: orNull(config.extraHosts),
    IpcMode: config.sharesIpc ? 'host' : 'private',
    PidMode: config.sharesProcesses ? 'host' : '',
    Privileged: config.privileged,
    ReadonlyRootfs: config.readOnlyRoot,
    SecurityOpt: orNull(config.securityOpt),
    Memory: config.memory,
  };
}
