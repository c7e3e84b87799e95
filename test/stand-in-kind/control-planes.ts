import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { Lab, LabRequest } from '../../clusters/cluster.ts';
import { kubeconfigOf } from '../../clusters/kubeconfig.ts';
import { realClock } from '../../clusters/simulated/clock.ts';
import { apiServiceAddress, CLUSTER_PLAN } from '../../clusters/simulated/kubernetes/bootstrap/cluster-plan.ts';
import { createPki } from '../../clusters/simulated/kubernetes/pki/pki.ts';
import { realRandomness } from '../../clusters/simulated/kubernetes/randomness.ts';
import { SimulatedLab } from '../../clusters/simulated/simulated-lab.ts';
import { ClusterTemplates } from '../../clusters/simulated/template.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import { parseClusterConfig, serverNamesOf } from './cluster-config.ts';
import { controlSocket, stateOf } from './state.ts';

/**
 * The API servers of the stand-in's clusters: the simulated backend's control planes without machines, in one process, for its modules take
 * seconds to load. It is told `start CLUSTER` and `stop CLUSTER` on a socket, answers when that is done, and ends when its folder is gone.
 */

const [root = ''] = process.argv.slice(2);
const GONE_POLL_MS = 1000;

const seed: LabRequest['seed'] = { hosts: [], manifests: [], files: [] };
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const parts = { clock: realClock, randomness: realRandomness, log };
const templates = new ClusterTemplates({ ...parts, plan: CLUSTER_PLAN });
const running = new Map<string, AsyncDisposableStack>();

async function start(cluster: string): Promise<void> {
  const state = stateOf(root, cluster);
  const [name = `${cluster}-control-plane`] = serverNamesOf(parseClusterConfig(await readFile(state.config, 'utf8')));
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name, addresses: ['127.0.0.1'] },
    server: CLUSTER_PLAN.endpoint,
    serviceAddress: apiServiceAddress(CLUSTER_PLAN),
  });
  const resources = new AsyncDisposableStack();
  running.set(cluster, resources);
  const lab = resources.use(
    await SimulatedLab.start(
      { id: labIdFrom(randomBytes(10)), seed, progress: () => undefined, signal: AbortSignal.timeout(60_000) },
      {
        ...parts,
        nursery: () => Promise.reject(new Error('not simulated: machines of a stand-in')),
        sshHostKey: '',
        pki,
        snapshot: await templates.of(seed),
        apiPort: 0,
        nodes: CLUSTER_PLAN.nodes.map(({ name }) => name),
        extraFlags: [],
        extraFiles: [],
      },
    ),
  );
  for (const file of pki.files()) {
    if (!file.path.startsWith('/etc/kubernetes/pki/ca.')) continue;
    await writeFile(join(state.pki, basename(file.path)), file.content, { mode: file.mode });
  }
  await mkdir(state.sockets, { recursive: true });
  const etcd = answerEtcdctl(lab, join(state.sockets, 'etcd.sock'));
  resources.defer(() => void etcd.close());
  const admin = await lab.kubeAccess('admin');
  const api = goOnAt(Number(new URL(admin.server).port), join(state.sockets, 'api.sock'));
  resources.defer(() => void api.close());
  await writeFile(`${state.kubeconfig}.new`, kubeconfigOf(`kind-${cluster}`, admin));
  await rename(`${state.kubeconfig}.new`, state.kubeconfig);
}

async function stop(cluster: string): Promise<void> {
  await running.get(cluster)?.disposeAsync();
  running.delete(cluster);
}

/** A key a connection, answered as `etcdctl get KEY -w json` does. */
const answerEtcdctl = (of: Lab, path: string) =>
  createServer((socket) => {
    socket.setEncoding('utf8').once('data', (asked: string) => {
      const key = asked.trim();
      void of.readEtcd(key).then((value) => {
        const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
        const kvs =
          value === undefined ? {} : { kvs: [{ key: base64(Buffer.from(key)), value: base64(value) }], count: 1 };
        socket.end(`${JSON.stringify({ header: { revision: 1 }, ...kvs })}\n`);
      });
    });
  }).listen(path);

/** What comes to a socket goes on to a port of loopback: a node's network is another one than this process's. */
const goOnAt = (port: number, path: string) =>
  createServer({ allowHalfOpen: true }, (socket) => {
    const onward = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  }).listen(path);

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined); // a `kind` that was interrupted
  socket.setEncoding('utf8').once('data', (told: string) => {
    const [verb, cluster = ''] = told.trim().split(' ');
    void (verb === 'start' ? start(cluster) : stop(cluster)).then(
      () => socket.end('done'),
      (error: unknown) => socket.end(String(error)),
    );
  });
}).listen(controlSocket(root));

setInterval(() => {
  if (!existsSync(root)) process.exit();
}, GONE_POLL_MS);
