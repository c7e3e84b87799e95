import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { type Output, RealContainer } from '../../pods/real-container.ts';
import { type ContainerProcess, type PodSandboxes, StartFailure } from '../../pods/sandbox.ts';
import { readHostText } from '../host-text.ts';
import { BRIDGE, type BridgeEndpoint, type BridgeNetwork, type OpenPort } from './bridge-network.ts';
import type { ContainerConfig } from './container-config.ts';
import { hostnameOf, launchOf, programOf } from './container-launch.ts';
import type { EngineImage } from './engine-images.ts';
import { ImageServer } from './image-server.ts';
import { EngineRefusal } from './refusal.ts';

export interface RunRequest {
  readonly id: string;
  readonly name: string;
  readonly image: EngineImage;
  readonly config: ContainerConfig;
  readonly host: SimulatedHost;
  readonly sandboxes: PodSandboxes;
  readonly network: BridgeNetwork;
  readonly clock: Clock;
  /** From daemon.json. */
  readonly noNewPrivileges: boolean;
  readonly output: Output;
  /** Hears of a modelled program that failed. */
  readonly fault: (error: unknown) => void;
}

/** One run of a container, from its start to its end. */
export interface ContainerRun {
  readonly container: RealContainer;
  readonly process: ContainerProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly address: string | undefined;
  readonly ports: readonly OpenPort[];
  /** Resolves with its exit status when nothing of it is left. */
  readonly ended: Promise<number>;
}

/**
 * Starts a container: its network, its root with the node's folders in it, its process or what models it. Throws `EngineRefusal`; then
 * nothing of it is left.
 */
export async function startRun(request: RunRequest): Promise<ContainerRun> {
  const { id, name, image, config, host, sandboxes, network, clock, output } = request;
  if (sandboxes.isFull) throw new EngineRefusal(501, 'not simulated: more than 60 running containers in a lab');
  await using resources = new AsyncDisposableStack();
  const address = config.network === 'bridge' ? await network.join(sandboxes) : undefined;
  if (address !== undefined) resources.defer(() => network.leave(address));
  const launch = launchOf(config, image, {
    id,
    name,
    address,
    node: host.name,
    resolvConf: (await readHostText(host, '/etc/resolv.conf')) ?? '',
    noNewPrivileges: request.noNewPrivileges,
  });
  const sandbox = resources.use(
    await sandboxes.makePod({
      hostname: hostnameOf(config, { id, node: host.name }),
      address: address ?? '',
      plug: address === undefined ? 'none' : { node: host.name, bridge: BRIDGE, ways: [['default', BRIDGE.gateway]] },
      node: host.name,
      task: { namespace: 'moby', id },
      shares: [
        ...(config.network === 'host' ? (['net'] as const) : []),
        ...(config.sharesIpc ? (['ipc'] as const) : []),
        ...(config.sharesProcesses ? (['pid'] as const) : []),
      ],
    }),
  );
  let endpoint: BridgeEndpoint | undefined;
  if (address !== undefined)
    endpoint = resources.use(await network.publish({ id, name, address }, config.ports, sandboxes));
  let container: RealContainer | undefined;
  const server = resources.use(
    new ImageServer({ image, launch, sandbox, clock, container: () => container, fault: request.fault }),
  );
  const { commands } = server;
  const run = new RealContainer(
    id,
    () => clock.now(),
    async () => ({ launch, process: await sandbox.run({ ...launch, commands }) }),
  );
  container = run;
  run.listen(output);
  const process = await run.started.then(
    (started) => started.process,
    (error: unknown) => {
      throw startRefusal(error);
    },
  );
  if (programOf(config, image).isServer) await server.start();
  const rest = resources.move();
  const ended = run.ended.then(async ({ exitCode }) => {
    await rest.disposeAsync();
    return exitCode;
  });
  return { container: run, process, env: launch.env, cwd: launch.cwd, address, ports: endpoint?.ports ?? [], ended };
}

/** runc's words within containerd's, and the shim's colon at the end (containerd/pkg/shim). */
function startRefusal(error: unknown): EngineRefusal {
  const why = error instanceof Error ? error.message : String(error);
  if (why.startsWith('not simulated')) return new EngineRefusal(501, why, { cause: error });
  const text =
    error instanceof StartFailure
      ? `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${why}: unknown`
      : why;
  return new EngineRefusal(/executable file not found|no such file/.test(why) ? 400 : 500, text, { cause: error });
}
