import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Backend, Finding, Lab, LabRequest, SeedFile } from '../cluster.ts';
import { LabError } from '../cluster.ts';
import { RenamedLab } from '../renamed-lab.ts';
import { makeSshHostKey } from './daemons/sshd/host-key.ts';
import { hostsDoctor } from './hosts/doctor.ts';
import { NO_TEMPLATE, readHostTemplate } from './hosts/host-template.ts';
import { Nursery } from './hosts/nursery.ts';
import { apiServiceAddress, CLUSTER_PLAN, type ClusterPlan } from './kubernetes/bootstrap/cluster-plan.ts';
import { type Clock, realClock } from './clock.ts';
import { createPki } from './kubernetes/pki/pki.ts';
import { type SigningKey, SigningKeys } from './kubernetes/pki/signing-keys.ts';
import { realRandomness } from './kubernetes/randomness.ts';
import { ApiError } from './kubernetes/status.ts';
import { refuseOtherClusters } from './other-clusters.ts';
import { SimulatedLab } from './simulated-lab.ts';
import { ClusterTemplates } from './template.ts';

export interface SimulatedBackendOptions {
  /** Programs that the hosts have in /usr/local/bin, by name with their path on this machine: kubectl, helm. */
  readonly programs: Readonly<Record<string, string>>;
  /** One line a problem that the person who runs the server should see. */
  readonly log: (line: string) => void;
  readonly clock?: Clock;
  /** Port of the API server on 127.0.0.1; any free one unless said. Only one lab at a time can have it. */
  readonly apiPort?: number;
  /** A static token file of this machine for the API server (`--token-auth-file`). */
  readonly tokenFile?: string;
  /** Flags of kube-apiserver (`--name=value`), in place of the cluster's own of the same name. */
  readonly apiServerFlags?: readonly string[];
  /** False: no node joins, only for scenarios without machines. True unless said. */
  readonly nodes?: boolean;
}

/** In a folder that kubeadm's API server mounts. */
const TOKEN_FILE = '/etc/kubernetes/pki/tokens.csv';

/** Labs without Docker, root or network: a modelled control plane in this process, hosts as Linux namespaces. */
export function simulatedBackend(options: SimulatedBackendOptions): Backend {
  const { programs, log, clock = realClock, apiPort = 0, tokenFile, apiServerFlags = [], nodes = true } = options;
  const randomness = realRandomness;
  const serviceRange = serviceRangeOf(apiServerFlags) ?? CLUSTER_PLAN.serviceRange;
  const plan: ClusterPlan = { ...CLUSTER_PLAN, serviceRange, ...(nodes ? {} : { nodes: [] }) };
  const templates = new ClusterTemplates({ plan, clock, randomness, log });
  const signingKeys = new SigningKeys();
  const withoutMachines = new Nursery(NO_TEMPLATE);
  let withMachines: Promise<Nursery> | undefined;
  const nursery = async (machines: boolean): Promise<Nursery> => {
    if (!machines) return withoutMachines;
    withMachines ??= readHostTemplate(new Map(Object.entries(programs))).then((template) => new Nursery(template));
    return withMachines;
  };
  let sshHostKey: string | undefined;

  async function create(request: LabRequest, signingKey: Promise<SigningKey>): Promise<Lab> {
    const { seed, signal, progress } = request;
    signal.throwIfAborted();
    if (!nodes && seed.hosts.length > 0)
      throw new LabError(
        'Machines of a scenario are nodes of its cluster.',
        'Leave out --no-nodes, or choose a scenario without machines.',
      );
    if (nodes && serviceRange !== CLUSTER_PLAN.serviceRange)
      throw new LabError(
        `not simulated: Services of nodes in another range than ${CLUSTER_PLAN.serviceRange}`,
        'Leave out --service-cluster-ip-range, or take --no-nodes with it.',
      );
    refuseOtherClusters(seed);
    if (apiPort !== 0) await mustBeFree(apiPort);
    progress('seeding the cluster');
    // Whoever asked over the network is answered first: the first lab of a scenario takes this thread for half a second.
    await new Promise((resume) => setImmediate(resume));
    if (seed.hosts.length > 0) void nursery(true);
    sshHostKey ??= makeSshHostKey();
    const snapshot = await templates.of(seed).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      throw new LabError(
        `The seed is not what the cluster takes: ${error.message}`,
        'Mend the scenario’s seed/manifests.',
        { cause: error },
      );
    });
    const tokens = tokenFile === undefined ? undefined : await readTokens(tokenFile);
    return SimulatedLab.start(request, {
      clock,
      randomness,
      log,
      nursery,
      sshHostKey,
      pki: createPki({
        now: clock.now(),
        controlPlane: {
          name: 'controlplane',
          addresses: [
            ...CLUSTER_PLAN.nodes.filter(({ isControlPlane }) => isControlPlane).map(({ address }) => address),
            '127.0.0.1',
          ],
        },
        server: CLUSTER_PLAN.endpoint,
        serviceAddress: apiServiceAddress(plan),
        signingKey: await signingKey,
      }),
      snapshot,
      apiPort,
      nodes: plan.nodes.map(({ name }) => name),
      extraFlags: [...(tokens === undefined ? [] : [`--token-auth-file=${TOKEN_FILE}`]), ...apiServerFlags],
      extraFiles: tokens === undefined ? [] : [tokens],
    });
  }

  return {
    name: 'simulated',
    create: (request) => signingKeys.forLab((key) => create(request, key)),
    handOver: (lab, id) => Promise.resolve(new RenamedLab(id, lab)),
    // A lab lives in the server's process and ends with it; there is nothing of it to find.
    adopt: () => Promise.resolve([]),
    doctor: async (): Promise<readonly Finding[]> => hostsDoctor(),
  };
}

/** What the flag says of IPv4; of anything else the API server complains itself. */
const serviceRangeOf = (flags: readonly string[]): string | undefined =>
  flags.map((flag) => /^--service-cluster-ip-range=(\d+\.\d+\.\d+\.\d+\/\d+)$/.exec(flag)?.[1]).findLast(Boolean);

/** A taken port would otherwise look like an API server that crashes and is started again for ever. */
async function mustBeFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be listened on: ${code}`;
    throw new LabError(`Port ${port} of 127.0.0.1 ${why}.`, 'Choose another one for --api-port, or leave it out.', {
      cause,
    });
  }
  server.close();
  await once(server, 'close');
}

async function readTokens(path: string): Promise<SeedFile> {
  try {
    return { host: 'controlplane', path: TOKEN_FILE, content: await readFile(path), mode: 0o600 };
  } catch (cause) {
    throw new LabError(`The token file ${path} cannot be read.`, 'Check --token-file.', { cause });
  }
}
