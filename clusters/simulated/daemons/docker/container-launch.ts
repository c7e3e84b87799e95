import { type Image, runsOwnServer } from '../../images/image.ts';
import { capabilitiesOf } from '../../pods/capabilities.ts';
import { argvOf } from '../../pods/for-real.ts';
import { imageFiles, imageMounts } from '../../pods/launch.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import type { ContainerLaunch } from '../../pods/sandbox.ts';
import { shownProgram } from '../../pods/shown-program.ts';
import { accountFiles, userOf } from '../../pods/users.ts';
import { BRIDGE } from './bridge-network.ts';
import { type ContainerConfig, variables } from './container-config.ts';
import { configOf, type EngineImage } from './engine-images.ts';
import { type Account, accountOf } from './image-accounts.ts';
import { EngineRefusal } from './refusal.ts';

/** The words of a container's process, and whether that is the image's own server, which is modelled. */
export function programOf(
  { command: given, entrypoint }: ContainerConfig,
  { row, built }: EngineImage,
): { readonly argv: readonly string[]; readonly isServer: boolean } {
  const ofImage = entrypoint === undefined ? built?.config : undefined;
  if (ofImage?.entrypoint !== undefined) {
    const argv = [...ofImage.entrypoint, ...(given ?? ofImage.command ?? [])];
    return { argv, isServer: runsOwnServer({ command: argv }, row) };
  }
  const command = given ?? ofImage?.command;
  // Images' entrypoints run a command that is not their server's as it is (docker-library's docker-entrypoint.sh).
  const own = entrypoint === undefined && row.entrypoint.length > 0 && row.behaviour === 'serves';
  if (own && command !== undefined && !isServers(command, row)) return { argv: command, isServer: false };
  const asked = {
    ...(entrypoint === undefined ? {} : { command: [...entrypoint] }),
    ...(command === undefined ? {} : { args: [...command] }),
  };
  const named = entrypoint ?? (own ? undefined : command);
  return { argv: argvOf(asked, row), isServer: runsOwnServer(named === undefined ? {} : { command: named }, row) };
}

const isServers = ([program = '']: readonly string[], { programs = [] }: Image): boolean =>
  program.startsWith('-') || programs.includes(program.split('/').at(-1) ?? '');

export interface LaunchPlace {
  readonly id: string;
  readonly name: string;
  readonly address: string | undefined;
  readonly node: string;
  /** As the node has it. */
  readonly resolvConf: string;
  /** From daemon.json. */
  readonly noNewPrivileges: boolean;
}

/** What a container is started with. Throws `EngineRefusal`. */
export function launchOf(config: ContainerConfig, image: EngineImage, place: LaunchPlace): ContainerLaunch {
  const { argv, isServer } = programOf(config, image);
  const account = accountFor(config.user, image);
  const hostname = hostnameOf(config, place);
  const file = (path: string, data: string) => ({ kind: 'file' as const, path, mode: 0o644, data });
  const hosts = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  for (const entry of config.extraHosts) {
    const [name = '', ...address] = entry.split(':');
    hosts.push(`${address.join(':') === 'host-gateway' ? BRIDGE.gateway : address.join(':')}\t${name}`);
  }
  if (place.address !== undefined) hosts.push(`${place.address}\t${hostname}`);
  return {
    argv,
    env: {
      HOSTNAME: hostname,
      ...(config.tty ? { TERM: 'xterm' } : {}),
      HOME: account.home,
      ...variables([...configOf(image).env, ...config.env]),
    },
    cwd: config.workingDir || configOf(image).workingDir || '/',
    ...account,
    capabilities: capabilitiesOf({
      securityContext: {
        privileged: config.privileged,
        capabilities: { add: [...config.capAdd], drop: [...config.capDrop] },
      },
    }),
    ...(config.memory > 0 ? { memory: config.memory } : {}),
    noNewPrivileges:
      place.noNewPrivileges || config.securityOpt.some((one) => /^no-new-privileges(?:[:=]true)?$/.test(one)),
    // What the engine puts on those that are not privileged (profiles/apparmor).
    confinement: { profile: config.privileged ? '' : 'docker-default', mode: 'enforce' },
    readOnlyRoot: config.readOnlyRoot,
    ...(isServer ? { shown: shownProgram(argv, image.row) } : {}),
    streams: isServer ? 'placeholder' : config.tty ? 'terminal' : config.openStdin ? 'input and output' : 'output',
    mounts: [
      ...imageMounts(image.row, image.rowReference),
      ...config.mounts.map(({ source, target, readOnly }) => ({
        node: place.node,
        source,
        subPath: '',
        target,
        readOnly,
      })),
    ],
    files: [
      ...filesOf(image),
      file('/etc/hostname', `${hostname}\n`),
      file('/etc/hosts', `${hosts.join('\n')}\n`),
      file('/etc/resolv.conf', place.resolvConf),
      file('/.dockerenv', ''),
    ],
  };
}

/** Who it runs as: by its image's accounts, which a build may have changed. Throws `EngineRefusal` for a name that is not there. */
function accountFor(asked: string, { row, built }: EngineImage): Account {
  const user = asked === '' ? (built?.config.user ?? row.user) : asked;
  if (built?.passwd !== undefined) return accountOf(user, built.passwd, built.group ?? '');
  const [name = ''] = user.split(':');
  const { passwd } = accountFiles(row);
  if (name !== '' && !/^\d+$/.test(name) && !passwd.split('\n').some((line) => line.startsWith(`${name}:`)))
    throw new EngineRefusal(400, `unable to find user ${name}: no matching entries in passwd file`);
  return userOf({ spec: {} } as Parameters<typeof userOf>[0], {}, { ...row, user });
}

/** The files of an image's root: its beginning's, and what a build has changed of them. */
function filesOf({ row, rowReference, built }: EngineImage): readonly TemplateEntry[] {
  const files = imageFiles(row, rowReference);
  if (built === undefined) return files;
  return [...files.filter(({ path }) => !built.layer.gone.has(path)), ...built.layer.files];
}

export const hostnameOf = (
  { hostname, network }: ContainerConfig,
  { id, node }: Pick<LaunchPlace, 'id' | 'node'>,
): string => (hostname !== '' ? hostname : network === 'host' ? node : id.slice(0, 12));
