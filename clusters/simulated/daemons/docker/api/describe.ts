import { humanDuration } from '../../human-duration.ts';
import { BRIDGE } from '../bridge-network.ts';
import { hostnameOf } from '../container-launch.ts';
import type { EngineContainer } from '../engine-container.ts';
import { configOf, type EngineImage, sizeOf } from '../engine-images.ts';
import { hostConfigOf } from './host-config.ts';

/** What the API tells of containers and images (docs.docker.com/reference/api/engine/version/v1.45). */

const ZERO_TIME = '0001-01-01T00:00:00Z';

const time = (at: number): string => (at === 0 ? ZERO_TIME : `${new Date(at).toISOString().slice(0, -1)}000000Z`);

export function containerRow(container: EngineContainer, now: number): object {
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.config.image,
    ImageID: container.image.id,
    Command: container.argv.join(' '),
    Created: Math.floor(container.created / 1000),
    Ports: (container.run?.ports ?? []).map(({ port, hostAddress, hostPort }) => ({
      IP: hostAddress,
      PrivatePort: port,
      PublicPort: hostPort,
      Type: 'tcp',
    })),
    Labels: container.config.labels,
    State: container.state,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: container.config.network },
    NetworkSettings: { Networks: networksOf(container) },
    Mounts: mountsOf(container),
  };
}

/** moby container/state.go String. */
function statusText({ state, exitCode, startedAt, finishedAt }: EngineContainer, now: number): string {
  const ago = (at: number): string => humanDuration(now - at);
  switch (state) {
    case 'created':
      return 'Created';
    case 'running':
      return `Up ${ago(startedAt)}`;
    case 'restarting':
      return `Restarting (${exitCode}) ${ago(finishedAt)} ago`;
    case 'exited':
      return `Exited (${exitCode}) ${ago(finishedAt)} ago`;
    default:
      return state satisfies never;
  }
}

function networksOf({ config, run }: EngineContainer): object {
  const address = run?.address ?? '';
  const onBridge = config.network === 'bridge' && address !== '';
  return {
    [config.network]: {
      Gateway: onBridge ? BRIDGE.gateway : '',
      IPAddress: address,
      IPPrefixLen: onBridge ? BRIDGE.prefix : 0,
    },
  };
}

const mountsOf = ({ config }: EngineContainer): object[] =>
  config.mounts.map(({ kind, source, target, readOnly }) => ({
    Type: kind,
    ...(kind === 'volume' ? { Name: source.split('/').at(-2) } : {}),
    Source: source,
    Destination: target,
    ...(kind === 'volume' ? { Driver: 'local' } : {}),
    Mode: readOnly ? 'ro' : '',
    RW: !readOnly,
    Propagation: kind === 'bind' ? 'rprivate' : '',
  }));

/** The answer of an inspection. What a lab has no value for (paths of layers and logs) is left out. */
export function containerDetails(container: EngineContainer, node: string): object {
  const { id, config, image, state, run } = container;
  const open = Object.fromEntries(
    (run?.ports ?? []).map(({ port, hostAddress, hostPort }) => [
      `${port}/tcp`,
      [{ HostIp: hostAddress, HostPort: String(hostPort) }],
    ]),
  );
  const names = new Set(config.env.map(nameOf));
  const exposed = [...new Set([...configOf(image).exposed, ...config.ports.map(({ port }) => `${port}/tcp`)])];
  return {
    Id: id,
    Created: time(container.created),
    Path: container.argv[0] ?? '',
    Args: container.argv.slice(1),
    State: {
      Status: state,
      Running: state === 'running' || state === 'restarting',
      Paused: false,
      Restarting: state === 'restarting',
      OOMKilled: false,
      Dead: false,
      Pid: run?.process.pid ?? 0,
      ExitCode: container.exitCode,
      Error: container.error,
      StartedAt: time(container.startedAt),
      FinishedAt: time(container.finishedAt),
    },
    Image: image.id,
    Name: `/${container.name}`,
    RestartCount: container.restarts,
    Driver: 'overlay2',
    Platform: 'linux',
    AppArmorProfile: config.privileged ? 'unconfined' : 'docker-default',
    ProcessLabel: '',
    MountLabel: '',
    ExecIDs: null,
    HostConfig: hostConfigOf(config),
    Mounts: mountsOf(container),
    Config: {
      Hostname: hostnameOf(config, { id, node }),
      Domainname: '',
      User: config.user || (image.built?.config.user ?? ''),
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      ...(exposed.length === 0 ? {} : { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) }),
      Tty: config.tty,
      OpenStdin: config.openStdin,
      Env: [...config.env, ...configOf(image).env.filter((entry) => !names.has(nameOf(entry)))],
      Cmd: config.command ?? commandOf(image),
      Image: config.image,
      Volumes: null,
      OnBuild: null,
      WorkingDir: config.workingDir || configOf(image).workingDir,
      Entrypoint: config.entrypoint ?? entrypointOf(image),
      Labels: { ...configOf(image).labels, ...config.labels },
    },
    NetworkSettings: {
      Ports: open,
      Gateway: run?.address === undefined ? '' : BRIDGE.gateway,
      IPAddress: run?.address ?? '',
      IPPrefixLen: run?.address === undefined ? 0 : BRIDGE.prefix,
      Networks: networksOf(container),
    },
  };
}

const nameOf = (entry: string): string => entry.replace(/=.*$/s, '');

/** What an image runs with no other words; null for nothing, as the API has it. */
const commandOf = ({ row, built }: EngineImage): readonly string[] | null => {
  const own = built?.config;
  const command = own?.command ?? (own?.entrypoint === undefined ? row.command : []);
  return command.length === 0 ? null : command;
};
const entrypointOf = ({ row, built }: EngineImage): readonly string[] | null => {
  const entrypoint = built?.config.entrypoint ?? row.entrypoint;
  return entrypoint.length === 0 ? null : entrypoint;
};

const namesOf = (image: EngineImage): { RepoTags: string[]; RepoDigests: string[] } => ({
  RepoTags: image.reference.includes('@') ? [] : [image.reference],
  RepoDigests: image.built === undefined ? [`${image.reference.replace(/[:@][^/]*$/, '')}@${image.digest}`] : [],
});

export function imageRow(image: EngineImage, users: number): object {
  return {
    Id: image.id,
    ...namesOf(image),
    Created: Math.floor(image.created / 1000),
    Size: sizeOf(image),
    Containers: users,
  };
}

export function imageDetails(image: EngineImage): object {
  const { user, env, workingDir, labels, exposed } = configOf(image);
  return {
    Id: image.id,
    ...namesOf(image),
    Created: time(image.created),
    Parent: '',
    Comment: '',
    Author: '',
    Architecture: 'amd64',
    Os: 'linux',
    Size: sizeOf(image),
    Config: {
      User: user,
      ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
      Env: env,
      Cmd: commandOf(image),
      Entrypoint: entrypointOf(image),
      WorkingDir: workingDir,
      Labels: labels,
    },
  };
}
