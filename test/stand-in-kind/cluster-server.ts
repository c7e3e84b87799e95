import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { Lab, LabRequest } from '../../clusters/cluster.ts';
import { kubeconfigOf } from '../../clusters/kubeconfig.ts';
import { realClock } from '../../clusters/simulated/clock.ts';
import { apiServiceAddress, CLUSTER_PLAN } from '../../clusters/simulated/kubernetes/bootstrap/cluster-plan.ts';
import { createPki } from '../../clusters/simulated/kubernetes/pki/pki.ts';
import { SigningKeys } from '../../clusters/simulated/kubernetes/pki/signing-keys.ts';
import { realRandomness } from '../../clusters/simulated/kubernetes/randomness.ts';
import { SimulatedLab } from '../../clusters/simulated/simulated-lab.ts';
import { ClusterTemplates } from '../../clusters/simulated/template.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import { stateOf } from './state.ts';

/**
 * The API server of one of the stand-in's clusters: the simulated backend's control plane without machines. It runs until `delete cluster`
 * ends it, or until its folder is gone because a test was ended the hard way.
 */

const [root = '', cluster = ''] = process.argv.slice(2);
const state = stateOf(root, cluster);
const GONE_POLL_MS = 1000;

const seed: LabRequest['seed'] = { hosts: [], manifests: [], files: [] };
const log = (line: string): void => void process.stderr.write(`${line}\n`);
const parts = { clock: realClock, randomness: realRandomness, log };
const pki = createPki({
  now: Date.now(),
  controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
  server: CLUSTER_PLAN.endpoint,
  serviceAddress: apiServiceAddress(CLUSTER_PLAN),
  serviceAccountKeys: await new SigningKeys().take(),
});

await writeFile(state.pid, String(process.pid));
const lab = await SimulatedLab.start(
  { id: labIdFrom(randomBytes(10)), seed, progress: () => undefined, signal: AbortSignal.timeout(60_000) },
  {
    ...parts,
    hostTemplate: () => Promise.reject(new Error('not simulated: machines of a stand-in')),
    sshHostKey: '',
    pki,
    snapshot: await new ClusterTemplates({ ...parts, plan: CLUSTER_PLAN }).of(seed),
    apiPort: 0,
    nodes: CLUSTER_PLAN.nodes.map(({ name }) => name),
    extraFlags: [],
    extraFiles: [],
  },
);

for (const file of pki.files()) {
  if (!file.path.startsWith('/etc/kubernetes/pki/ca.')) continue;
  await writeFile(join(state.pki, basename(file.path)), file.content, { mode: file.mode });
}
await mkdir(state.sockets, { recursive: true });
answerEtcdctl(lab, join(state.sockets, 'etcd.sock'));
const access = await lab.kubeAccess('admin');
await writeFile(`${state.kubeconfig}.new`, kubeconfigOf(`kind-${cluster}`, access));
await rename(`${state.kubeconfig}.new`, state.kubeconfig);

setInterval(() => {
  if (!existsSync(state.folder)) process.exit();
}, GONE_POLL_MS);

/** A key a connection, answered as `etcdctl get KEY -w json` does. */
function answerEtcdctl(of: Lab, path: string): void {
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
}
