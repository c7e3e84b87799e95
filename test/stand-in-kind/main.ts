import { spawn, type SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as after } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { connectEngine, socketPathOf } from '../../clusters/kind/docker/engine.ts';
import { parseClusterConfig } from './cluster-config.ts';
import { deleteNodes, nodesOf, startNode } from './nodes.ts';
import { controlSocket, stateOf } from './state.ts';

/**
 * Speaks like kind 0.33 where a machine cannot have kind: its commands, its lines, its exit statuses
 * (kubernetes-sigs/kind, pkg/cmd/kind, pkg/cluster/internal/create). Its nodes are real containers of whatever image it is given, without
 * Kubernetes in them; its API server is the simulated backend's control plane, in a process of its own on this machine's loopback.
 * `$STAND_IN_KIND` is the folder in which it keeps what it has started; see install.ts.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'kind' },
    config: { type: 'string' },
    kubeconfig: { type: 'string' },
    image: { type: 'string' },
    retain: { type: 'boolean' },
  },
});
const cluster = values.name;
const state = stateOf(process.env['STAND_IN_KIND'] ?? '/tmp/stand-in-kind', cluster);
const command = positionals.slice(0, 2).join(' ');

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const docker = () =>
  connectEngine({ socketPath: socketPathOf(process.env['DOCKER_HOST']) }, AbortSignal.timeout(30_000));

/** What a test wants to see fail: `{ "step": "Preparing nodes", "say": "Command Output: …" }` in the folder. */
interface Fault {
  readonly step: string;
  readonly say: string;
}

async function step(title: string, icon: string, run: () => Promise<void>): Promise<void> {
  say(` • ${title} ${icon}  ...`);
  const fault = await readFile(join(state.root, 'fault.json'), 'utf8').catch(() => undefined);
  const { step: failing, say: complaint } = fault === undefined ? { step: '', say: '' } : (JSON.parse(fault) as Fault);
  try {
    await run();
    if (title.startsWith(failing) && failing !== '') throw new Error(complaint);
  } catch (error) {
    say(` ✗ ${title} ${icon}`);
    throw error;
  }
  say(` ✓ ${title} ${icon}`);
}

async function create(): Promise<void> {
  const { docker: engine } = await docker();
  if ((await nodesOf(engine, cluster)).length > 0)
    throw new Error(`node(s) already exist for a cluster with the name "${cluster}"`);
  const given =
    values.config === '-' ? await text(process.stdin) : await readFile(values.config ?? '/dev/null', 'utf8');
  const config = parseClusterConfig(given);
  const network = process.env['KIND_EXPERIMENTAL_DOCKER_NETWORK'] ?? 'kind';
  const nodes = config.nodes.map(({ role, image }) => ({ role, image: values.image ?? image ?? '' }));
  say(`Creating cluster "${cluster}" ...`);
  await mkdir(state.folder, { recursive: true });
  await step(`Ensuring node image (${nodes[0]?.image})`, '🖼', async () => {
    for (const { image } of nodes) {
      await engine
        .getImage(image)
        .inspect()
        .catch(() => {
          throw new Error(
            `failed to pull image "${image}": command "docker pull ${image}" failed with error: exit status 1\nCommand Output: Error response from daemon: manifest for ${image} not found: manifest unknown`,
          );
        });
    }
  });
  await step(`Preparing nodes`, nodes.map(() => '📦').join(' '), async () => {
    await Promise.all(nodes.map((node) => startNode(engine, { cluster, network, state, ...node })));
  });
  await step('Writing configuration', '📜', () => writeFile(state.config, given));
  await step('Starting control-plane', '🕹️', () => tell(`start ${cluster}`));
  await step('Installing CNI', '🔌', async () => undefined);
  await step('Installing StorageClass', '💾', async () => undefined);
  if (nodes.length > 1) await step('Joining worker nodes', '🚜', async () => undefined);
  if (values.kubeconfig !== undefined)
    await writeFile(values.kubeconfig, await readFile(state.kubeconfig), { mode: 0o600 });
  say(`Set kubectl context to "kind-${cluster}"`);
  say(`You can now use your cluster with:\n\nkubectl cluster-info --context kind-${cluster}\n\nHave a nice day! 👋`);
}

/** Tells the process that has the API servers, which the first one starts. */
async function tell(words: string): Promise<void> {
  const path = controlSocket(state.root);
  if (!existsSync(path)) {
    // Not our own standard error: whoever reads that waits for its end.
    const log = await open(join(state.root, 'log'), 'a');
    const options = { detached: true, stdio: ['ignore', 'ignore', log.fd] } satisfies SpawnOptions;
    spawn(process.execPath, [join(import.meta.dirname, 'control-planes.ts'), state.root], options).unref();
    await log.close();
    while (!existsSync(path)) await after(20);
  }
  const answer = await text(createConnection(path).end(words));
  if (answer !== 'done') throw new Error(`failed to init node with kubeadm: exit status 1\n${answer}`);
}

async function remove(): Promise<void> {
  say(`Deleting cluster "${cluster}" ...`);
  const names = await deleteNodes((await docker()).docker, cluster);
  if (existsSync(state.folder)) await tell(`stop ${cluster}`);
  await rm(state.folder, { recursive: true, force: true });
  if (names.length > 0) say(`Deleted nodes: [${names.map((name) => `"${name}"`).join(' ')}]`);
}

async function kubeconfig(): Promise<void> {
  const nodes = await nodesOf((await docker()).docker, cluster);
  if (nodes.length === 0)
    throw new Error(
      `could not locate any control plane nodes for cluster named '${cluster}'. Use the --name option to select a different cluster`,
    );
  process.stdout.write(await readFile(state.kubeconfig));
}

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  'create cluster': create,
  'delete cluster': remove,
  'get kubeconfig': kubeconfig,
};

try {
  const run = COMMANDS[command];
  if (run === undefined) throw new Error(`unknown command "${command}" for "kind"`);
  await run();
} catch (error) {
  const failed = command === 'create cluster' ? 'failed to create cluster: ' : '';
  say(`ERROR: ${failed}${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
