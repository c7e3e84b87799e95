import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { type ModelContext, type ModelledServer } from '../../images/models/model.ts';
import { MODELS } from '../../images/models/models.ts';
import { parseReference } from '../../images/image.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { type Output, RealContainer } from '../../pods/real-container.ts';
import { type ContainerProcess, type PodSandboxes, type SandboxedPod, StartFailure } from '../../pods/sandbox.ts';
import { readHostText } from '../host-text.ts';
import { BRIDGE, type BridgeEndpoint, type BridgeNetwork, type OpenPort } from './bridge-network.ts';
import type { ContainerConfig } from './container-config.ts';
import { hostnameOf, launchOf, programOf } from './container-launch.ts';
import type { EngineImage } from './engine-images.ts';
import { EngineRefusal } from './refusal.ts';

const SIGKILL = 9;
const MAX_FILE = 2 ** 20;

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
      gateway: BRIDGE.gateway,
      node: host.name,
      ...(config.network === 'host' ? {} : { bridge: address === undefined ? 'none' : BRIDGE }),
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
  const container = new RealContainer(
    id,
    () => clock.now(),
    async () => ({ launch, process: await sandbox.run(launch) }),
  );
  container.listen(output);
  const process = await container.started.then(
    (started) => started.process,
    (error: unknown) => {
      throw startRefusal(error);
    },
  );
  if (programOf(config, image).isServer) {
    const model = await serveImage(request, {
      container,
      process,
      sandbox,
      argv: launch.argv,
      uid: launch.uid,
      env: launch.env,
    });
    resources.defer(() => model?.[Symbol.dispose]?.());
  }
  const rest = resources.move();
  const ended = container.ended.then(async ({ exitCode }) => {
    await rest.disposeAsync();
    return exitCode;
  });
  return { container, process, env: launch.env, cwd: launch.cwd, address, ports: endpoint?.ports ?? [], ended };
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

interface Served {
  readonly container: RealContainer;
  readonly process: ContainerProcess;
  readonly sandbox: SandboxedPod;
  readonly argv: readonly string[];
  readonly uid: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Lets an image's own server, which is modelled or only known to listen, answer in the container's network. */
async function serveImage(
  { image: { row, reference }, clock }: RunRequest,
  { container, process, sandbox, argv, uid, env }: Served,
): Promise<ModelledServer | undefined> {
  const say = (line: string, stream: 'stdout' | 'stderr' = 'stdout'): void =>
    container.say(stream, Buffer.from(`${line}\n`));
  for (const line of row.log) say(line);
  const model = MODELS[row.repository];
  if (model === undefined) {
    for (const port of row.listens) await sandbox.serve(port, (socket) => socket.end());
    return undefined;
  }
  const context: ModelContext = {
    tag: parseReference(reference)?.tag ?? 'latest',
    argv,
    env,
    uid,
    files: {
      read: (path) => process.readFile(path, MAX_FILE),
      list: async (folder) => (await process.listFolder(folder)) ?? [],
      refusal: () => undefined,
    },
    now: () => clock.now(),
    log: say,
    resolve: (host) => Promise.resolve(/^[\d.]+$/.test(host) ? host : undefined),
    dial: async (to, port, signal) => {
      const socket = await sandbox.dial(to, port, signal);
      return typeof socket === 'number' ? undefined : socket;
    },
  };
  const started = await model(context);
  if ('exitCode' in started) {
    container.endWith(started.exitCode);
    await process.signal(SIGKILL);
    return undefined;
  }
  const { server } = started;
  for (const port of server.listens) await sandbox.serve(port, (socket: Socket) => server.accept(port, socket));
  return server;
}
