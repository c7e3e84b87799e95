import { randomBytes } from 'node:crypto';
import type { ContainerCreateOptions } from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerIsMissing, sharedDocker, type TestDocker, whyNoDocker } from '../docker-test-engine.ts';
import { LIMITS, newLabId, refusalOf, soon } from '../lab-fixture.ts';
import { startLabContainer } from './lab-container.ts';
import { createLabNetwork } from './lab-network.ts';
import { dockerNameOf, KIND_CLUSTER_LABEL, labelsOf, type Ownership } from './ownership.ts';
import { findLabs, removeLab } from './removal.ts';

describe.skipIf(dockerIsMissing)(`what Docker has of a lab${whyNoDocker}`, () => {
  const server = `removal-${randomBytes(4).toString('hex')}`;
  const strangers: { remove(options?: object): Promise<unknown> }[] = [];
  let docker: TestDocker;
  beforeAll(async () => {
    docker = await sharedDocker();
  });
  afterAll(async () => {
    for (const { lab } of await findLabs(docker.engine, server)) await removeLab(docker.engine, lab, { server });
    for (const stranger of strangers) await stranger.remove({ force: true });
  });

  const api = () => docker.engine.docker;
  const newOwnership = (): Ownership => ({ lab: newLabId(), server });
  const container = async (options: ContainerCreateOptions = {}) =>
    api().createContainer({ Image: docker.image, ...options });
  const network = (ownership: Ownership) => createLabNetwork(docker.engine, ownership, soon());
  const isThere = async (id: string) => (await api().listContainers({ all: true })).some(({ Id }) => Id === id);

  /** A lab with a host, its anonymous volume and a volume of its own. */
  async function labInDocker() {
    const ownership = newOwnership();
    const net = await network(ownership);
    const { engine, image } = docker;
    const host = await startLabContainer(
      engine,
      { ownership, host: 'bastion', image, network: net, limits: LIMITS, volumes: ['/var/lib/docker'] },
      soon(),
    );
    const volume = `${dockerNameOf(ownership.lab)}-data`;
    await api().createVolume({ Name: volume, Labels: labelsOf(ownership, 'volume') });
    return { ownership, network: net, host, volume };
  }

  /** What kind makes: its label, and the network that it was told. */
  const node = async (net: string, cluster: string) =>
    container({
      name: `${cluster}-control-plane-${randomBytes(3).toString('hex')}`,
      Labels: { [KIND_CLUSTER_LABEL]: cluster },
      HostConfig: { NetworkMode: net },
    });

  test('is found by its server, running or not, and goes altogether, also twice and at once', async () => {
    const { ownership, network: net, host, volume } = await labInDocker();
    const stopped = await node(net.name, dockerNameOf(ownership.lab));
    expect(await findLabs(docker.engine, server)).toEqual([
      {
        lab: ownership.lab,
        network: { id: net.id, name: net.name },
        hosts: [{ id: host.id, name: host.name, host: 'bastion', isRunning: true }],
        nodes: [{ id: stopped.id, name: expect.stringContaining('control-plane'), isRunning: false }],
        volumes: [volume],
      },
    ]);
    const volumes = async () => (await api().listVolumes()).Volumes.map(({ Name }) => Name);
    const { Mounts } = await api().getContainer(host.id).inspect();
    expect(await volumes()).toEqual(expect.arrayContaining([volume, Mounts[0]?.Name]));
    await Promise.all([1, 2].map(() => removeLab(docker.engine, ownership.lab, ownership)));
    await removeLab(docker.engine, ownership.lab, ownership);
    expect(await findLabs(docker.engine, server)).toEqual([]);
    expect(await isThere(stopped.id)).toBe(false);
    for (const name of [volume, Mounts[0]?.Name]) expect(await volumes()).not.toContain(name);
  });

  test('goes without anything of another lab, another server or a stranger', async () => {
    const mine = await labInDocker();
    const sibling = await labInDocker();
    const another: Ownership = { lab: mine.ownership.lab, server: `${server}-other` };
    const others = await api().createNetwork({ Name: 'of-another-server', Labels: labelsOf(another, 'network') });
    const elsewhere = await api().createNetwork({ Name: 'elsewhere' });
    const theirs = await container({ Labels: labelsOf(another, 'host'), HostConfig: { NetworkMode: 'elsewhere' } });
    const unlabelled = await container({ name: `${dockerNameOf(mine.ownership.lab)}-workstation` });
    // Somebody's cluster has the lab's name; it is not on the lab's network.
    const cluster = await node('elsewhere', dockerNameOf(mine.ownership.lab));
    const volume = await api().createVolume({ Name: `${dockerNameOf(mine.ownership.lab)}-mine` });
    strangers.push(theirs, unlabelled, cluster, others, elsewhere, volume);

    await removeLab(docker.engine, mine.ownership.lab, mine.ownership);
    expect((await findLabs(docker.engine, server)).map(({ lab }) => lab)).toEqual([sibling.ownership.lab]);
    for (const { id } of [theirs, unlabelled, cluster, sibling.host]) expect(await isThere(id)).toBe(true);
    await Promise.all([others, elsewhere].map((one) => one.inspect()));
    await expect(volume.inspect()).resolves.toHaveProperty('Name', volume.name);
    await removeLab(docker.engine, sibling.ownership.lab, sibling.ownership);
  });

  test("keeps its network while a stranger's container is on it, and says how to take that off", async () => {
    const ownership = newOwnership();
    const { name } = await network(ownership);
    const guest = await container({ name: `guest-of-${ownership.lab}`, HostConfig: { NetworkMode: name } });
    strangers.push(guest);
    await guest.start();
    expect(await refusalOf(removeLab(docker.engine, ownership.lab, ownership))).toBe(
      `the network ${name} is still used by what is not this lab's: guest-of-${ownership.lab} → ` +
        `Take it off: docker network disconnect ${name} guest-of-${ownership.lab}`,
    );
    expect((await guest.inspect()).State.Running).toBe(true);
    await api().getNetwork(name).disconnect({ Container: guest.id, Force: true });
    await removeLab(docker.engine, ownership.lab, ownership);
  });
});
