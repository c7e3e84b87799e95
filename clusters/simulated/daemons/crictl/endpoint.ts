import { parseDocument } from 'yaml';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';
import { lastOption, type Options } from '../command-line.ts';

const CONFIG = '/etc/crictl.yaml';
const CONTAINERD = '/run/containerd/containerd.sock';
/** What is tried where nobody names an endpoint (cri-tools cmd/crictl/main_unix.go); the second and third are never there. */
const DEFAULTS = [`unix://${CONTAINERD}`, 'unix:///run/crio/crio.sock', 'unix:///var/run/cri-dockerd.sock'];

/**
 * The socket that crictl asks: by its option, else by its configuration file, else the first of its defaults, which it warns of. A text says
 * why there is none (cri-tools cmd/crictl/main.go, pkg/common/file.go).
 */
export async function endpointOf(
  host: SimulatedHost,
  call: CommandCall,
  options: Options,
): Promise<{ readonly socket: string; readonly address: string } | string> {
  const path = lastOption(options, 'config') ?? CONFIG;
  const text = await readHostText(host, path);
  if (text === undefined) {
    if (options.has('config')) return `get config from file: stat ${path}: no such file or directory`;
    await call.stderr(
      `WARN[0000] Config ${JSON.stringify(path)} does not exist, trying next: "/usr/bin/crictl.yaml"\n`,
    );
  }
  const named = lastOption(options, 'runtime-endpoint') ?? endpointIn(text ?? '');
  if (named === undefined) {
    for (const service of ['runtime', 'image'])
      await call.stderr(
        `WARN[0000] ${service} connect using default endpoints: [${DEFAULTS.join(' ')}]. As the default settings are now deprecated, you should set the endpoint instead. \n`,
      );
    return { socket: CONTAINERD, address: DEFAULTS[0] ?? '' };
  }
  const socket = /^(?:unix:\/\/)?(\/.*)$/.exec(named)?.[1];
  if (socket === undefined) {
    const [protocol = ''] = named.split('://');
    return `validate service connection: validate CRI v1 runtime API for endpoint ${JSON.stringify(named)}: protocol ${JSON.stringify(named.includes('://') ? protocol : '')} not supported`;
  }
  return {
    socket: socket.replace(/^\/var\/run\//, '/run/'),
    address: named.startsWith('/') ? `unix://${named}` : named,
  };
}

/** Its `runtime-endpoint`, unless that is empty; a file that is no YAML is passed over, as crictl does. */
function endpointIn(text: string): string | undefined {
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 ? undefined : document.get?.('runtime-endpoint');
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether containerd listens there. */
export const isContainerd = (socket: string): boolean => socket === CONTAINERD;

export const unreachable = ({ socket, address }: { readonly socket: string; readonly address: string }): string =>
  `validate service connection: validate CRI v1 runtime API for endpoint "${address}": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${socket}: connect: no such file or directory"`;
