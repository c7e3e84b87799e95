import { z } from 'zod';
import { EngineRefusal } from './refusal.ts';

const Port = z.object({ HostIp: z.string().nullish(), HostPort: z.string().nullish() });
const Words = z.union([z.array(z.string()), z.string().transform((word) => [word])]).nullish();

/** What POST /containers/create takes and a lab gives. */
const CreateBody = z.object({
  Image: z.string(),
  Cmd: Words,
  Entrypoint: Words,
  Env: z.array(z.string()).nullish(),
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
  Hostname: z.string().max(63).nullish(),
  Tty: z.boolean().nullish(),
  OpenStdin: z.boolean().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  HostConfig: z
    .object({
      Binds: z.array(z.string()).nullish(),
      Mounts: z
        .array(
          z.object({
            Type: z.string(),
            Source: z.string().nullish(),
            Target: z.string(),
            ReadOnly: z.boolean().nullish(),
          }),
        )
        .nullish(),
      Privileged: z.boolean().nullish(),
      NetworkMode: z.string().nullish(),
      PidMode: z.string().nullish(),
      IpcMode: z.string().nullish(),
      PortBindings: z.record(z.string(), z.array(Port).nullable()).nullish(),
      AutoRemove: z.boolean().nullish(),
      ExtraHosts: z.array(z.string()).nullish(),
      CapAdd: z.array(z.string()).nullish(),
      CapDrop: z.array(z.string()).nullish(),
      SecurityOpt: z.array(z.string()).nullish(),
      ReadonlyRootfs: z.boolean().nullish(),
      Memory: z.number().nullish(),
      RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number().nullish() }).nullish(),
    })
    .nullish(),
});

/** Wishes that are of no effect when they are not there, and that a lab cannot fulfil (moby api/types/container/hostconfig.go). */
const NOT_SIMULATED =
  'Annotations BlkioWeight CgroupParent Cgroup CgroupnsMode CpusetCpus CpusetMems CpuQuota CpuShares Devices DeviceCgroupRules DeviceRequests Dns DnsOptions DnsSearch GroupAdd Init Isolation Links MaskedPaths NanoCpus OomKillDisable OomScoreAdj PidsLimit ReadonlyPaths Runtime ShmSize StorageOpt Sysctls Tmpfs Ulimits UTSMode UsernsMode VolumeDriver VolumesFrom'.split(
    ' ',
  );

export interface ContainerMount {
  readonly kind: 'bind' | 'volume';
  /** On the node. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface PublishedPort {
  /** In the container. */
  readonly port: number;
  readonly hostAddress: string;
  /** 0: any that is free. */
  readonly hostPort: number;
}

/** What a container is to be, whatever it was asked with. */
export interface ContainerConfig {
  readonly image: string;
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly hostname: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  readonly binds: readonly string[];
  readonly privileged: boolean;
  readonly network: 'bridge' | 'host' | 'none';
  readonly sharesProcesses: boolean;
  readonly sharesIpc: boolean;
  readonly ports: readonly PublishedPort[];
  readonly autoRemove: boolean;
  /** `name:address`. */
  readonly extraHosts: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly readOnlyRoot: boolean;
  /** Bytes; 0 for no limit. */
  readonly memory: number;
  readonly restart: { readonly policy: string; readonly most: number };
}

/** Reads the body of a request for a container. Throws `EngineRefusal`. */
export function containerConfig(body: unknown): ContainerConfig {
  const parsed = CreateBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new EngineRefusal(400, `invalid JSON: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { data } = parsed;
  const host = data.HostConfig ?? {};
  refuseUnknown((body as { HostConfig?: Record<string, unknown> }).HostConfig ?? {});
  const network = host.NetworkMode ?? '';
  const mode = ['', 'default'].includes(network) ? 'bridge' : network;
  if (mode !== 'bridge' && mode !== 'host' && mode !== 'none') {
    throw mode.startsWith('container:')
      ? new EngineRefusal(501, `not simulated: the network ${mode}`)
      : new EngineRefusal(404, `network ${mode} not found`);
  }
  const restart = host.RestartPolicy ?? { Name: 'no' };
  if (!['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(restart.Name))
    throw new EngineRefusal(400, `invalid restart policy: unknown policy '${restart.Name}'`);
  const pid = host.PidMode ?? '';
  if (pid !== '' && pid !== 'host') throw new EngineRefusal(501, `not simulated: the process namespace ${pid}`);
  const ipc = host.IpcMode ?? '';
  if (!['', 'private', 'shareable', 'host'].includes(ipc))
    throw new EngineRefusal(501, `not simulated: the ipc namespace ${ipc}`);
  const autoRemove = host.AutoRemove === true;
  if (autoRemove && !['', 'no'].includes(restart.Name))
    throw new EngineRefusal(400, "can't create 'AutoRemove' container with restart policy");
  return {
    image: data.Image,
    command: data.Cmd === null || data.Cmd?.length === 0 ? undefined : data.Cmd,
    entrypoint: data.Entrypoint === null || data.Entrypoint?.length === 0 ? undefined : data.Entrypoint,
    env: data.Env ?? [],
    user: data.User ?? '',
    workingDir: data.WorkingDir ?? '',
    hostname: data.Hostname ?? '',
    tty: data.Tty === true,
    openStdin: data.OpenStdin === true,
    labels: data.Labels ?? {},
    binds: host.Binds ?? [],
    mounts: [
      ...(host.Binds ?? []).map(bindOf),
      ...(host.Mounts ?? []).map(({ Type, Source, Target, ReadOnly }) => mountOf(Type, Source ?? '', Target, ReadOnly)),
    ],
    privileged: host.Privileged === true,
    network: mode,
    sharesProcesses: pid === 'host',
    sharesIpc: ipc === 'host',
    ports: Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) => portsOf(port, bindings ?? [])),
    autoRemove,
    extraHosts: host.ExtraHosts ?? [],
    capAdd: host.CapAdd ?? [],
    capDrop: host.CapDrop ?? [],
    securityOpt: host.SecurityOpt ?? [],
    readOnlyRoot: host.ReadonlyRootfs === true,
    memory: host.Memory ?? 0,
    restart: { policy: restart.Name === '' ? 'no' : restart.Name, most: restart.MaximumRetryCount ?? 0 },
  };
}

function refuseUnknown(host: Readonly<Record<string, unknown>>): void {
  for (const name of NOT_SIMULATED) {
    const wish = host[name];
    const isNothing =
      wish === undefined ||
      wish === null ||
      wish === '' ||
      wish === 0 ||
      wish === false ||
      Object.keys(wish).length === 0;
    if (!isNothing) throw new EngineRefusal(501, `not simulated: ${name} of a container`);
  }
}

/** `source:target[:options]`; what has no slash is a named volume, which lies where docker keeps them. */
function bindOf(spec: string): ContainerMount {
  const [source = '', target, options = '', ...rest] = spec.split(':');
  if (target === undefined || rest.length > 0) throw new EngineRefusal(400, `invalid volume specification: '${spec}'`);
  if (!target.startsWith('/'))
    throw new EngineRefusal(
      400,
      `invalid volume specification: '${spec}': invalid mount config for type "bind": invalid mount path: '${target}' mount path must be absolute`,
    );
  const kind = source.startsWith('/') ? 'bind' : 'volume';
  return mountOf(kind, source, target, options.split(',').includes('ro'));
}

function mountOf(kind: string, source: string, target: string, readOnly?: boolean | null): ContainerMount {
  if (kind === 'bind') return { kind, source, target, readOnly: readOnly === true };
  if (kind !== 'volume') throw new EngineRefusal(501, `not simulated: mounts of type ${kind}`);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source))
    throw new EngineRefusal(
      400,
      `create ${source}: "${source}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  return { kind, source: `/var/lib/docker/volumes/${source}/_data`, target, readOnly: readOnly === true };
}

function portsOf(spec: string, bindings: readonly z.infer<typeof Port>[]): PublishedPort[] {
  const [, port, protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w+))?$/.exec(spec) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new EngineRefusal(400, `invalid port specification: "${spec}"`);
  if (protocol !== 'tcp') throw new EngineRefusal(501, `not simulated: publishing ${protocol} ports`);
  return bindings.map(({ HostIp, HostPort }) => ({
    port: Number(port),
    hostAddress: (HostIp ?? '') === '' ? '0.0.0.0' : (HostIp ?? ''),
    hostPort: Number(HostPort ?? '') || 0,
  }));
}

/** `NAME=value` entries; a name alone is empty. */
export const variables = (entries: readonly string[]): Record<string, string> =>
  Object.fromEntries(entries.map((entry) => [entry.replace(/=.*$/s, ''), entry.replace(/^[^=]*=?/, '')]));
