import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApi } from '../../clusters/api-request.ts';
import type { KubeAccess } from '../../clusters/cluster.ts';
import { KindCli } from '../../clusters/kind/cli/kind-cli.ts';
import { kindConfig } from '../../clusters/kind/cli/kind-config.ts';
import { checkedKind } from '../../clusters/kind/cli/kind-program.ts';
import { createLabNetwork, type LabNetwork } from '../../clusters/kind/docker/lab-network.ts';
import { dockerNameOf } from '../../clusters/kind/docker/ownership.ts';
import { containerHost } from '../../clusters/kind/hosts/container-host.ts';
import { removeLab } from '../../clusters/kind/docker/removal.ts';
import { dockerIsMissing, sharedDocker, type TestDocker, whyNoDocker } from '../../clusters/kind/docker-test-engine.ts';
import { parse } from 'yaml';
import { labIdFrom } from '../../protocol/ids.ts';
import { installStandInKind, type StandInKind } from './install.ts';

const ownership = { lab: labIdFrom(Buffer.from('stand-in-k')), server: 'stand-in-test' };
const cluster = dockerNameOf(ownership.lab);
/** It takes three seconds where nothing else runs. */
const PATIENCE_MS = 240_000;
const soon = () => AbortSignal.timeout(PATIENCE_MS);

describe.skipIf(dockerIsMissing)(`the stand-in for kind${whyNoDocker}`, { timeout: PATIENCE_MS }, () => {
  let docker: TestDocker;
  let standIn: StandInKind;
  let network: LabNetwork;
  let kind: KindCli;
  let folder: string;
  beforeAll(async () => {
    docker = await sharedDocker();
    standIn = await installStandInKind();
    network = await createLabNetwork(docker.engine, ownership, soon());
    folder = await mkdtemp(join(tmpdir(), 'stand-in-test-'));
    const env = { PATH: process.env['PATH'], DOCKER_HOST: `unix://${docker.socketPath}` };
    kind = new KindCli({ program: await checkedKind(standIn.path, env, soon()), env });
  }, PATIENCE_MS);
  afterAll(async () => {
    await removeLab(docker.engine, ownership.lab, ownership);
    await standIn[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** The names of the certificate that the API server shows on the lab's own network. */
  async function nameInside(from: string, to: string): Promise<string | undefined> {
    const host = containerHost({ engine: docker.engine, containerId: from, name: 'node01' });
    const dialled = await host.dial(to, 6443, soon());
    if (dialled.outcome !== 'open') return dialled.detail;
    const socket = connect({ socket: dialled.socket, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const names = socket.getPeerCertificate().subjectaltname;
    socket.destroy();
    return names;
  }

  const create = (
    image: string,
    steps: string[] = [],
    config = kindConfig({ image, serverNames: ['controlplane'] }),
  ): Promise<void> =>
    kind.create({
      cluster,
      config,
      network: network.name,
      kubeconfig: join(folder, 'kubeconfig'),
      progress: (step) => steps.push(step),
      signal: soon(),
    });

  test('makes containers with kind’s names on the network it is told, and an API server on loopback', async () => {
    const steps: string[] = [];
    await create(docker.image, steps);
    expect(steps).toEqual([
      `ensuring node image (${docker.image})`,
      'preparing nodes',
      'writing configuration',
      'starting control-plane',
      'installing CNI',
      'installing StorageClass',
      'joining worker nodes',
    ]);
    const { Containers } = await docker.engine.docker.getNetwork(network.id).inspect();
    const names = Object.values(Containers ?? {}).map(({ Name }) => Name);
    expect(names.toSorted()).toEqual([`${cluster}-control-plane`, `${cluster}-worker`]);
    const kubeconfig = await readFile(join(folder, 'kubeconfig'), 'utf8');
    expect(await kind.kubeconfig(cluster, soon())).toBe(kubeconfig);
    expect(await askApi(accessOf(kubeconfig), { path: '/readyz' })).toMatchObject({ status: 200 });
    expect(await nameInside(`${cluster}-worker`, `${cluster}-control-plane`)).toContain('DNS:controlplane');
    await expect(create(docker.image)).rejects.toThrow(`name ${cluster} already`);
    await kind.delete(cluster, join(folder, 'kubeconfig'), soon());
    expect(await standIn.clusters()).toEqual([]);
    await expect(askApi(accessOf(kubeconfig), { path: '/readyz' })).rejects.toThrow(/ECONNREFUSED/);
    await expect(kind.kubeconfig(cluster, soon())).rejects.toThrow(/could not locate any control plane nodes/);
  });

  test('says as kind does that nobody has an image', async () => {
    await expect(create('kindest/node:absent')).rejects.toThrow(/image kindest\/node:absent is neither here/);
  });

  test('refuses a configuration with what kind does not know', async () => {
    const config = `${kindConfig({ image: docker.image, serverNames: [] })}workers: 3\n`;
    await expect(create(docker.image, [], config)).rejects.toThrow(/unable to decode config/);
  });

  test('fails as it is told to', async () => {
    await standIn.fail('Ensuring node image', 'Command Output: no space left on device');
    await expect(create(docker.image)).rejects.toThrow(/the disk is full/);
    await standIn.succeed();
  });
});

function accessOf(kubeconfig: string): KubeAccess {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString();
  const [{ cluster: at }] = clusters;
  const [{ user }] = users;
  return {
    server: at.server,
    certificateAuthority: plain(at['certificate-authority-data']),
    credential: {
      kind: 'certificate',
      certificate: plain(user['client-certificate-data']),
      key: plain(user['client-key-data']),
    },
  };
}
