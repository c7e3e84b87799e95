import { z } from 'zod';
import { DockerClientError } from './docker-client.ts';
import { lastFlag, type Flags, type FlagSpec } from './flags.ts';
import { printPull } from './images.ts';
import { carrySession } from './session.ts';
import { environmentOf } from './environment.ts';
import { ask, complain, type DockerRequest, part } from './verb.ts';

const Created = z.object({ Id: z.string() });
const Waited = z.object({ StatusCode: z.number() });
const Running = z.object({ ExitCode: z.number().nullable() });

/** Flags that make a container, those of `docker create` (docker/cli cli/command/container/opts.go). */
export const CREATE_FLAGS: FlagSpec = {
  booleans: ['-i --interactive', '-t --tty', '--rm', '--privileged', '--read-only', '-q --quiet'],
  values:
    `--name;-v --volume;--mount;-u --user;--pid;--ipc;--network --net;--entrypoint;-e --env;-p --publish;-w --workdir;-h --hostname;
    --add-host;--env-file;--cap-add;--cap-drop;--security-opt;-m --memory;--restart;-l --label;--pull`.split(/;\s*/),
  refused:
    'P publish-all a attach c cpu-shares annotation blkio-weight cgroup-parent cgroupns cidfile cpu-period cpu-quota cpus cpuset-cpus cpuset-mems detach-keys device device-cgroup-rule disable-content-trust dns dns-option dns-search domainname expose gpus group-add health-cmd health-interval health-retries health-start-period health-timeout init ip ip6 isolation label-file link link-local-ip log-driver log-opt mac-address memory-reservation memory-swap memory-swappiness network-alias no-healthcheck oom-kill-disable oom-score-adj pids-limit platform runtime shm-size sig-proxy stop-signal stop-timeout storage-opt sysctl tmpfs ulimit userns uts volume-driver volumes-from'.split(
      ' ',
    ),
};

export const RUN_FLAGS: FlagSpec = { ...CREATE_FLAGS, booleans: [...(CREATE_FLAGS.booleans ?? []), '-d --detach'] };

/** What the flags ask for, as the API takes it. */
function wishOf(flags: Flags, env: readonly string[], [image = '', ...command]: readonly string[]): object {
  const [policy = 'no', most = '0'] = (lastFlag(flags, 'restart') ?? 'no').split(':');
  const bindings: Record<string, object[]> = {};
  for (const published of flags.get('publish') ?? []) {
    const { port, ...binding } = portOf(published);
    (bindings[port] ??= []).push(binding);
  }
  const volumes = flags.get('volume') ?? [];
  for (const volume of volumes)
    if (!volume.includes(':')) throw new DockerClientError(`not simulated: the anonymous volume ${volume}`);
  const entrypoint = lastFlag(flags, 'entrypoint');
  const label = (text: string): [string, string] => [text.replace(/=.*$/s, ''), text.replace(/^[^=]*=?/, '')];
  return {
    Image: image,
    Cmd: command.length === 0 ? null : command,
    ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint] }),
    Env: env,
    User: lastFlag(flags, 'user') ?? '',
    WorkingDir: lastFlag(flags, 'workdir') ?? '',
    Hostname: lastFlag(flags, 'hostname') ?? '',
    Tty: flags.has('tty'),
    OpenStdin: flags.has('interactive'),
    Labels: Object.fromEntries((flags.get('label') ?? []).map(label)),
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig: {
      Binds: volumes,
      Mounts: (flags.get('mount') ?? []).map(mountOf),
      Privileged: flags.has('privileged'),
      NetworkMode: lastFlag(flags, 'network') ?? 'default',
      PidMode: lastFlag(flags, 'pid') ?? '',
      IpcMode: lastFlag(flags, 'ipc') ?? '',
      PortBindings: bindings,
      AutoRemove: flags.has('rm'),
      ExtraHosts: (flags.get('add-host') ?? []).map(extraHost),
      CapAdd: flags.get('cap-add') ?? [],
      CapDrop: flags.get('cap-drop') ?? [],
      SecurityOpt: flags.get('security-opt') ?? [],
      ReadonlyRootfs: flags.has('read-only'),
      Memory: bytesOf(lastFlag(flags, 'memory') ?? '0'),
      RestartPolicy: { Name: policy, MaximumRetryCount: Number(most) || 0 },
    },
  };
}

/** `name:address` or `name=address` (docker/cli opts/hosts.go ValidateExtraHost). */
function extraHost(text: string): string {
  const [, name, address] = /^([^:=]+)[:=]\[?([^\]]+)\]?$/.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new DockerClientError(
      `invalid argument ${JSON.stringify(text)} for "--add-host" flag: bad format for add-host: ${JSON.stringify(text)}`,
    );
  return `${name}:${address}`;
}

/** `[[address:]port:]port[/protocol]`. */
function portOf(text: string): { port: string; HostIp: string; HostPort: string } {
  const [, address = '', hostPort = '', port, protocol = 'tcp'] =
    /^(?:(?:([\d.]+):)?(\d*):)?(\d{1,5})(?:\/(\w+))?$/.exec(text) ?? [];
  if (port === undefined)
    throw new DockerClientError(
      /\d-\d/.test(text) ? `not simulated: the range ${text}` : `invalid containerPort: ${text}`,
    );
  return { port: `${port}/${protocol}`, HostIp: address, HostPort: hostPort };
}

/** `type=bind,source=/,target=/host,readonly` (docker/cli opts/mount.go). */
function mountOf(text: string): object {
  const fields = new Map(
    text.split(',').map((entry) => [entry.replace(/=.*$/, '').toLowerCase(), entry.replace(/^[^=]*=?/, '')]),
  );
  const first = (...names: string[]): string | undefined =>
    names.map((name) => fields.get(name)).find((one) => one !== undefined);
  const target = first('target', 'dst', 'destination');
  if (target === undefined)
    throw new DockerClientError(`invalid argument "${text}" for "--mount" flag: target is required`);
  const readOnly = first('readonly', 'ro');
  return {
    Type: fields.get('type') ?? 'volume',
    Source: first('source', 'src') ?? '',
    Target: target,
    ReadOnly: readOnly !== undefined && readOnly !== 'false' && readOnly !== '0',
  };
}

/** github.com/docker/go-units RAMInBytes. */
function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s?([kmgt]?)i?b?$/i.exec(text) ?? [];
  if (number === undefined)
    throw new DockerClientError(`invalid argument "${text}" for "-m, --memory" flag: invalid size: '${text}'`);
  return Math.floor(Number(number) * 1024 ** (unit === '' ? 0 : 'kmgt'.indexOf(unit.toLowerCase()) + 1));
}

/** Makes a container, after pulling its image where the engine does not have it. Returns its id. */
async function create(request: DockerRequest): Promise<string> {
  const { call, client, flags, words } = request;
  const name = lastFlag(flags, 'name');
  const wish = wishOf(flags, await environmentOf(request), words);
  const path = `/containers/create${name === undefined ? '' : `?name=${part(name)}`}`;
  const policy = lastFlag(flags, 'pull') ?? 'missing';
  const [image = ''] = words;
  const pull = (): Promise<void> => printPull({ call, client }, image, 'stderr');
  if (policy === 'always') await pull();
  const made = await client.send('POST', path, wish);
  const missing = /No such image: ([^"]+)/.exec(made.status === 404 ? String(made.body) : '')?.[1];
  if (missing !== undefined && policy === 'missing') {
    await call.stderr(`Unable to find image '${missing}' locally\n`);
    await pull();
    return (await ask(client, Created, 'POST', path, wish)).Id;
  }
  return (
    made.status >= 400 ? await ask(client, Created, 'POST', path, wish) : Created.parse(JSON.parse(String(made.body)))
  ).Id;
}

export async function createContainer(request: DockerRequest): Promise<number> {
  await request.call.stdout(`${await create(request)}\n`);
  return 0;
}

/** Of an engine that could not start a program: its own status for what is not there or not to be run (docker/cli run.go). */
function statusOf({ message }: Error): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  return /permission denied/i.test(message) ? 126 : 125;
}

export async function runContainer(request: DockerRequest): Promise<number> {
  const { call, client, flags } = request;
  const detached = flags.has('detach');
  const tty = flags.has('tty');
  const interactive = flags.has('interactive');
  if (tty && interactive && !detached && call.terminal === undefined)
    return complain(call, 'the input device is not a TTY', 1);
  let id: string;
  try {
    id = await create(request);
  } catch (error) {
    if (!(error instanceof DockerClientError)) throw error;
    return complain(call, `docker: ${error.message.replace(/\.$/, '')}.\nSee 'docker run --help'.`, 125);
  }
  const path = `/containers/${id}`;
  const start = (): Promise<unknown> => ask(client, z.unknown(), 'POST', `${path}/start`);
  try {
    if (detached) {
      await start();
      await call.stdout(`${id}\n`);
      return 0;
    }
    const socket = await client.hijack(`${path}/attach?stream=1&stdout=1&stderr=1${interactive ? '&stdin=1' : ''}`);
    const condition = flags.has('rm') ? 'removed' : 'next-exit';
    const waiting = await client.stream('POST', `${path}/wait?condition=${condition}`);
    await start();
    await carrySession({ call, client, socket, tty, interactive, path });
    let text = '';
    for await (const chunk of waiting as AsyncIterable<Buffer>) text += String(chunk);
    return Waited.parse(JSON.parse(text)).StatusCode;
  } catch (error) {
    if (!(error instanceof DockerClientError)) throw error;
    if (flags.has('rm')) await client.send('DELETE', path).catch(() => undefined); // it never ran
    return complain(call, `docker: ${error.message.replace(/\.$/, '')}.`, statusOf(error));
  }
}

export const EXEC_FLAGS: FlagSpec = {
  booleans: ['-d --detach', '-i --interactive', '-t --tty', '--privileged'],
  values: ['-e --env', '--env-file', '-u --user', '-w --workdir'],
  refused: ['detach-keys'],
};

export async function execInContainer(request: DockerRequest): Promise<number> {
  const { call, client, flags, words } = request;
  const [name = '', ...command] = words;
  const [tty, interactive, detached] = [flags.has('tty'), flags.has('interactive'), flags.has('detach')];
  if (tty && interactive && call.terminal === undefined) return complain(call, 'the input device is not a TTY', 1);
  const { Id } = await ask(client, Created, 'POST', `/containers/${part(name)}/exec`, {
    Cmd: command,
    Tty: tty,
    Env: await environmentOf(request),
    User: lastFlag(flags, 'user') ?? '',
    WorkingDir: lastFlag(flags, 'workdir') ?? '',
    AttachStdin: interactive,
  });
  const path = `/exec/${Id}`;
  if (detached) {
    await ask(client, z.unknown(), 'POST', `${path}/start`, { Detach: true, Tty: tty });
    return 0;
  }
  const socket = await client.hijack(`${path}/start`, { Detach: false, Tty: tty });
  if (!interactive) socket.end();
  await carrySession({ call, client, socket, tty, interactive, path });
  const { ExitCode } = await ask(client, Running, 'GET', `${path}/json`);
  return ExitCode ?? 0;
}

export async function attachToContainer({ call, client, words }: DockerRequest): Promise<number> {
  const path = `/containers/${part(words[0] ?? '')}`;
  const Inspected = z.object({
    State: z.object({ Running: z.boolean() }),
    Config: z.object({ Tty: z.boolean(), OpenStdin: z.boolean() }),
  });
  const { State, Config } = await ask(client, Inspected, 'GET', `${path}/json`);
  if (!State.Running) throw new DockerClientError('You cannot attach to a stopped container, start it first');
  const waiting = await client.stream('POST', `${path}/wait?condition=next-exit`);
  const socket = await client.hijack(`${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
  await carrySession({ call, client, socket, tty: Config.Tty, interactive: Config.OpenStdin, path });
  let text = '';
  for await (const chunk of waiting as AsyncIterable<Buffer>) text += String(chunk);
  return Waited.parse(JSON.parse(text)).StatusCode;
}
