import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askApi } from '../../clusters/api-request.ts';
import type { Backend, Lab, LabRequest, Seed } from '../../clusters/cluster.ts';
import { removeLab } from '../../clusters/kind/docker/removal.ts';
import { dockerIsMissing, whyNoDocker } from '../../clusters/kind/docker-test-engine.ts';
import { WarmBackend } from '../../clusters/warm-backend.ts';
import { type LabId, labIdFrom } from '../../protocol/ids.ts';
import { type StandInBackend, standInBackend } from '../stand-in-kind/stand-in-backend.ts';

/** What outlives a server, what is removed, and whose. Over a real Docker and the stand-in for kind. */

const SERVER = 'journey';
const newId = (): LabId => labIdFrom(randomBytes(10));
const seed: Seed = {
  hosts: ['workstation'],
  manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tide' }, data: { level: 'high' } }],
  files: [{ host: 'workstation', path: '/root/seeded', content: Buffer.from('yes'), mode: 0o600 }],
};
/** Its network, its workstation and two nodes. */
const LAB_THINGS = 4;
/** A lab takes four seconds where nothing else runs. */
const PATIENCE_MS = 240_000;
const soon = () => AbortSignal.timeout(PATIENCE_MS);

describe.skipIf(dockerIsMissing)(`labs on kind${whyNoDocker}`, { timeout: PATIENCE_MS }, () => {
  let subject: StandInBackend;
  beforeAll(async () => {
    subject = await standInBackend(SERVER);
  });
  afterAll(() => subject[Symbol.asyncDispose]());

  /** What a test has made and a later server may have to end. */
  const made: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const lab of made.splice(0)) await lab[Symbol.asyncDispose]();
    // oxlint-disable-next-line vitest/no-standalone-expect -- of every test: nothing is left
    expect(await subject.remains()).toBe(0);
  }, PATIENCE_MS);

  async function create(backend: Backend = subject.backend, changes: Partial<LabRequest> = {}): Promise<Lab> {
    const lab = await backend.create({ id: newId(), seed, progress: () => undefined, signal: soon(), ...changes });
    made.push(lab);
    return lab;
  }
  const file = async (lab: Lab): Promise<unknown> =>
    (await lab.host('workstation')).readFile('/root/seeded', { maxBytes: 10 });

  test('a later server takes over the labs that it knows, whole, and can reset and end them', async () => {
    const lab = await create();
    const [adopted] = await subject.again().adopt(new Map([[lab.id, seed]]), soon());
    expect(adopted?.id).toBe(lab.id);
    if (adopted === undefined) return;
    expect(await file(adopted)).toMatchObject({ outcome: 'read', content: Buffer.from('yes') });
    const tide = { path: '/api/v1/namespaces/default/configmaps/tide' };
    expect(await askApi(await adopted.kubeAccess('admin'), tide)).toMatchObject({ status: 200 });
    expect(Buffer.from((await adopted.readEtcd('/registry/configmaps/default/tide')) ?? []).toString()).toContain(
      'high',
    );
    await (await adopted.host('workstation')).writeFile('/root/seeded', Buffer.from('no'), { mode: 0o600 });
    const steps: string[] = [];
    await adopted.reset(soon(), (step) => steps.push(step));
    expect(steps).toEqual(expect.arrayContaining(['removing what there is', 'preparing nodes', 'seeding the cluster']));
    expect(await file(adopted)).toMatchObject({ content: Buffer.from('yes') });
    await adopted[Symbol.asyncDispose]();
    expect(await subject.remains()).toBe(0);
  });

  test('a lab that was made ahead and handed over is found under the name it was asked for, also after a reset', async () => {
    const spare = await create();
    const id = newId();
    const began = performance.now();
    const lab = await subject.backend.handOver(spare, id);
    const took = performance.now() - began;
    expect(lab.id).toBe(id);
    expect(took).toBeLessThan(1000);
    await lab.reset(soon());
    const [adopted] = await subject.again().adopt(new Map([[id, seed]]), soon());
    expect(adopted?.id).toBe(id);
    expect(await file(adopted ?? lab)).toMatchObject({ outcome: 'read' });
  });

  test('what nobody knows of is removed, such as spares of a warm pool whose server was killed; what cannot be read today is left', async () => {
    const warm = new WarmBackend(subject.again(), { size: 1, newId, log: () => undefined });
    const taken = await create(warm);
    await warm.filled();
    // The server is killed: nobody disposes of its spare.
    const kept = await create();
    const adopted = await subject.again().adopt(
      new Map([
        [taken.id, seed],
        [kept.id, undefined],
      ]),
      soon(),
    );
    expect(adopted.map(({ id }) => id)).toEqual([taken.id]);
    expect(subject.complaints.at(-1)).toMatch(/nobody knows this lab any more; it is removed/);
    expect(await file(kept)).toMatchObject({ outcome: 'read' });
    await expect.poll(() => subject.remains(), { timeout: 60_000 }).toBe(2 * LAB_THINGS);
    await warm[Symbol.asyncDispose]();
  });

  test('a lab of which a part is gone is not taken over, and what is left of it is removed', async () => {
    const lab = await create();
    const { docker } = subject.docker.engine;
    await docker.getContainer(`breachlab-${lab.id}-worker`).remove({ force: true, v: true });
    expect(await subject.again().adopt(new Map([[lab.id, seed]]), soon())).toEqual([]);
    expect(subject.complaints.at(-1)).toMatch(/not all of it is running; it is removed/);
    expect(await subject.remains()).toBe(0);
  });

  test('two servers on one Docker do not touch each other’s labs', async () => {
    const mine = await create();
    const other = subject.again('another');
    const theirs = await create(other);
    expect(await other.adopt(new Map(), soon())).toEqual([]); // theirs is one that nobody knows any more
    expect(await subject.again().adopt(new Map([[mine.id, seed]]), soon())).toHaveLength(1);
    expect(await file(mine)).toMatchObject({ outcome: 'read' });
    await expect.poll(() => file(theirs).catch(String), { timeout: 60_000 }).toMatch(/workstation/);
  });

  test('a cluster of the same name that is not ours is told of and left as it is', async () => {
    const { docker } = subject.docker.engine;
    const id = newId();
    const labels = { 'io.x-k8s.kind.cluster': `breachlab-${id}` };
    const stranger = await docker.createContainer({ Image: subject.docker.image, Labels: labels });
    await expect(create(subject.backend, { id })).rejects.toThrow(/a cluster of the name breachlab-\w+ already/);
    await expect(stranger.inspect()).resolves.toMatchObject({ Config: { Labels: labels } });
    await stranger.remove({ force: true });
  });

  test.each([
    ['Preparing nodes', 'Command Output: docker: Error response from daemon: no space left on device.', /disk is full/],
    ['Starting control-plane', 'failed to init node with kubeadm: exit status 1', /waited in vain/],
    ['Joining worker nodes', 'failed to join node with kubeadm: exit status 1', /could not join/],
  ])('when kind fails at “%s”, it is told and nothing is left', async (step, say, message) => {
    await subject.standIn.fail(step, say);
    await expect(create()).rejects.toThrow(message);
    await subject.standIn.succeed();
    expect(await subject.remains()).toBe(0);
    expect(await subject.standIn.clusters()).toEqual([]);
  });

  test('a seed that the cluster refuses is told, and nothing is left', async () => {
    const bad: Seed = { ...seed, manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'No Name' } }] };
    await expect(create(subject.backend, { seed: bad })).rejects.toThrow(/refuses ConfigMap No Name of the seed/);
    expect(await subject.remains()).toBe(0);
  });

  test('a lab whose things were removed by somebody else ends all the same', async () => {
    const lab = await create();
    await removeLab(subject.docker.engine, lab.id, { server: SERVER });
    await expect(file(lab)).rejects.toThrow(/workstation/);
    await lab[Symbol.asyncDispose]();
  });
});
