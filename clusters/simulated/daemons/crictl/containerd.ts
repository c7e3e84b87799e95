import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import { readHostText } from '../host-text.ts';
import { GO_ENDS } from '../systemd/signal-effect.ts';
import type { StartFailure, Unit } from '../systemd/unit.ts';
import type { CriRuntime } from './cri-runtime.ts';
import { runtimeHandlers } from './runtime-handlers.ts';
import { tomlComplaint } from './toml-complaint.ts';

export interface Containerd extends Unit {
  /** What it serves on its socket; undefined while it does not run. Containers live on without it, as their shims do. */
  readonly runtime: CriRuntime | undefined;
}

/** What `containerd --version` says. */
export const containerdVersion = (): string =>
  `containerd containerd.io v${RELEASE.containerd.split('//')[1] ?? ''} breachlab`;

const CONFIG = '/etc/containerd/config.toml';

/** containerd as far as `crictl` sees it. Its messages are containerd's (github.com/containerd/containerd, cmd/containerd). */
export function containerd(host: SimulatedHost, served: CriRuntime): Containerd {
  let running = false;
  return {
    async start(launch) {
      const read = await configuration(host);
      if (typeof read !== 'string') return read;
      served.configure(runtimeHandlers(read));
      running = true;
      launch.log('level=info msg="starting containerd"');
      launch.log('level=info msg=serving... address=/run/containerd/containerd.sock');
      launch.log('level=info msg="containerd successfully booted"');
      return undefined;
    },
    endsWith: GO_ENDS,
    stop() {
      running = false;
      return Promise.resolve();
    },
    get runtime() {
      return running ? served : undefined;
    },
  };
}

/** Its configuration, or what it says of one that it cannot load (cmd/containerd/server/config/config.go); without one it has its defaults. */
async function configuration(host: SimulatedHost): Promise<string | StartFailure> {
  try {
    const text = (await readHostText(host, CONFIG)) ?? '';
    const complaint = tomlComplaint(text);
    if (complaint === undefined) return text;
    const { row, column, reason } = complaint;
    const where = `column=${column} error=${JSON.stringify(`toml: ${reason}`)} file=${CONFIG} row=${row}`;
    return {
      status: 1,
      lines: [
        `level=error msg="Failure unmarshaling TOML" ${where}`,
        `containerd: failed to unmarshal TOML at row ${row} column ${column}: toml: ${reason}`,
      ],
    };
  } catch (error) {
    return { status: 1, lines: [`containerd: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
