import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, parseLine, type Options } from '../command-line.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';
import type { StartFailure } from '../systemd/unit.ts';
import { jsonComplaint } from './json-complaint.ts';

/** `fd`: what systemd hands over, which are the sockets of docker.socket. */
export type DockerAddress =
  | { readonly kind: 'fd' }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number };

export interface DockerdConfig {
  readonly outcome: 'read';
  readonly addresses: readonly DockerAddress[];
  /** How TCP is guarded: not at all, by TLS, or by TLS that asks for a client's certificate. */
  readonly tls: 'none' | 'tls' | 'verify';
  readonly files: { readonly ca: string; readonly cert: string; readonly key: string };
  /** What /info tells of: merged flags and file, by the file's names. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const DAEMON_JSON = '/etc/docker/daemon.json';

const FLAGS = optionTable(
  '-H --host=',
  '-G --group=',
  '-D --debug[=]',
  '-l --log-level=',
  '-s --storage-driver=',
  '-g --data-root=',
  '-p --pidfile=',
  ...'--tls --tlsverify --icc --iptables --ip-forward --ip-masq --ipv6 --live-restore --no-new-privileges --selinux-enabled --userland-proxy --experimental --init'
    .split(' ')
    .map((flag) => `${flag}[=]`),
  ...'--config-file --containerd --tlscacert --tlscert --tlskey --userns-remap --log-driver --log-opt --log-format --bip --bridge --dns --dns-search --exec-opt --exec-root --insecure-registry --registry-mirror --storage-opt --default-ulimit --default-runtime --add-runtime --authorization-plugin --label --cgroup-parent --mtu --seccomp-profile --fixed-cidr --default-address-pool --metrics-addr --shutdown-timeout --default-cgroupns-mode --oom-score-adjust'
    .split(' ')
    .map((flag) => `${flag}=`),
);

/** Flags that may be repeated have a plural name in the file (docker's opts.NewNamedListOptsRef). */
const PLURALS: Readonly<Record<string, string>> = {
  host: 'hosts',
  'insecure-registry': 'insecure-registries',
  'registry-mirror': 'registry-mirrors',
  'storage-opt': 'storage-opts',
  'exec-opt': 'exec-opts',
  'log-opt': 'log-opts',
  'default-ulimit': 'default-ulimits',
  'add-runtime': 'runtimes',
  'authorization-plugin': 'authorization-plugins',
  label: 'labels',
  'default-address-pool': 'default-address-pools',
};

/** Keys that only the file knows. */
const FILE_ONLY = new Set(
  'allow-nondistributable-artifacts builder cdi-spec-dirs containerd-namespace containerd-plugin-namespace cpu-rt-period cpu-rt-runtime default-gateway default-gateway-v6 default-network-opts default-shm-size dns-opts features fixed-cidr-v6 host-gateway-ip http-proxy https-proxy init-path ip ip6tables max-concurrent-downloads max-concurrent-uploads max-download-attempts no-proxy node-generic-resources proxies raw-logs swarm-default-advertise-addr userland-proxy-path'.split(
    ' ',
  ),
);

const BOOLEANS = new Set(
  'tls tlsverify icc iptables ip-forward ip-masq ipv6 live-restore no-new-privileges selinux-enabled userland-proxy debug experimental init'.split(
    ' ',
  ),
);

/**
 * Reads what dockerd would run with: its command line and daemon.json. The complaints are those of
 * github.com/moby/moby daemon/config/config.go and cmd/dockerd.
 */
export async function readDockerdConfig(
  host: SimulatedHost,
  args: readonly string[],
): Promise<DockerdConfig | { readonly outcome: 'failed'; readonly failure: StartFailure }> {
  const failed = (line: string, status = 1) => ({ outcome: 'failed' as const, failure: { status, lines: [line] } });
  const line = parseLine(args, FLAGS);
  if (line.outcome === 'wrong') return failed(`unknown flag: ${line.argument}\nSee 'dockerd --help'.`, 125);
  const path = lastOption(line.options, 'config-file') ?? DAEMON_JSON;
  const flags = flagSettings(line.options);
  let file: Readonly<Record<string, unknown>> = {};
  const text = await readHostText(host, path).catch((error: unknown) => {
    if (error instanceof UnreadableFile) return error;
    throw error;
  });
  if (text instanceof UnreadableFile)
    return failed(`unable to configure the Docker daemon with file ${path}: ${text.message}`);
  if (text !== undefined && text.trim() !== '') {
    const read = readFileSettings(text, flags);
    if ('complaint' in read)
      return failed(`unable to configure the Docker daemon with file ${path}: ${read.complaint}`);
    file = read.settings;
  }
  const settings = { ...file, ...flags };
  const hosts = (settings['hosts'] as readonly string[] | undefined) ?? [];
  const tls =
    settings['tlsverify'] === true
      ? 'verify'
      : settings['tls'] === true || settings['tlsverify'] === false
        ? 'tls'
        : 'none';
  const addresses: DockerAddress[] = [];
  for (const one of hosts.length > 0 ? hosts : ['unix:///var/run/docker.sock']) {
    const address = parseAddress(one, tls === 'none' ? 2375 : 2376);
    if (address === undefined)
      return failed(
        `invalid argument "${one}" for "-H, --host" flag: invalid bind address (${one}): unsupported proto`,
      );
    addresses.push(address);
  }
  const fileOf = (key: string, usual: string) =>
    typeof settings[key] === 'string' ? settings[key] : `/root/.docker/${usual}`;
  const files = {
    ca: fileOf('tlscacert', 'ca.pem'),
    cert: fileOf('tlscert', 'cert.pem'),
    key: fileOf('tlskey', 'key.pem'),
  };
  return { outcome: 'read', addresses, tls, files, settings };
}

function flagSettings(options: Options): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, given] of options) {
    const plural = PLURALS[name];
    const last = given.at(-1) ?? '';
    if (plural !== undefined) settings[plural] = given;
    else settings[name] = BOOLEANS.has(name) ? !['false', '0', 'f'].includes(last.toLowerCase()) : last;
  }
  return settings;
}

function readFileSettings(
  text: string,
  flags: Readonly<Record<string, unknown>>,
): { readonly settings: Readonly<Record<string, unknown>> } | { readonly complaint: string } {
  const unsound = jsonComplaint(text);
  if (unsound !== undefined) return { complaint: unsound };
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { complaint: `json: cannot unmarshal ${goKind(parsed)} into Go value of type map[string]interface {}` };
  }
  const settings = parsed as Readonly<Record<string, unknown>>;
  const known = new Set([...Object.values(FLAGS).map(({ name }) => PLURALS[name] ?? name), ...FILE_ONLY]);
  const unknown = Object.keys(settings).filter((key) => !known.has(key));
  if (unknown.length > 0)
    return { complaint: `the following directives don't match any configuration option: ${unknown.join(', ')}` };
  const conflicts = Object.keys(settings).filter((key) => key in flags);
  if (conflicts.length > 0) {
    const parts = conflicts.map(
      (key) => `${key}: (from flag: ${goText(flags[key])}, from file: ${goText(settings[key])})`,
    );
    return {
      complaint: `the following directives are specified both as a flag and in the configuration file: ${parts.join(', ')}`,
    };
  }
  for (const [key, value] of Object.entries(settings)) {
    const wanted = key === 'hosts' ? '[]string' : BOOLEANS.has(key) ? 'bool' : undefined;
    const fits = wanted === undefined || (wanted === 'bool' ? typeof value === 'boolean' : isStrings(value));
    if (!fits)
      return {
        complaint: `json: cannot unmarshal ${goKind(value)} into Go struct field Config.${key} of type ${wanted}`,
      };
  }
  return { settings };
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return { boolean: 'bool', object: 'object' }[typeof value as string] ?? typeof value;
}

/** Go's %v. */
function goText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
}

function parseAddress(text: string, usualPort: number): DockerAddress | undefined {
  if (text.startsWith('fd://')) return { kind: 'fd' };
  if (text.startsWith('unix://')) return { kind: 'unix', path: socketPath(text.slice('unix://'.length)) };
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(text) ?? [];
  if (scheme !== undefined && scheme !== 'tcp') return undefined;
  const [, v6, address = '', port] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?\/?$/.exec(rest) ?? [];
  if (port !== undefined && Number(port) > 65_535) return undefined;
  const wanted = v6 ?? (address === '' ? '127.0.0.1' : address);
  return { kind: 'tcp', address: wanted === 'localhost' ? '127.0.0.1' : wanted, port: Number(port ?? usualPort) };
}

/** /var/run is a link to /run. */
export function socketPath(path: string): string {
  return (path === '' ? '/var/run/docker.sock' : path).replace(/^\/var\/run\//, '/run/');
}
