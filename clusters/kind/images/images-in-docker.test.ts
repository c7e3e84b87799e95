import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabError, type Seed } from '../../cluster.ts';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import type { Engine } from '../docker/engine.ts';
import { type ContainerLab, startContainerLab } from '../lab-fixture.ts';
import { loadArchive, mustBeWritable, saveArchive } from './archive.ts';
import { buildImage } from './build-image.ts';
import { type ImageChoices, parseImageChoices } from './choices.ts';
import { findImage } from './docker-images.ts';
import { ensureImages } from './ensure-images.ts';
import { inventory } from './inventory.ts';
import type { PodImage } from './pod-images.ts';
import { providePodImages } from './provide-pod-images.ts';

/** An image with what tells a node image from others. There is no apt in it, as where apt reaches no mirror. */
const NODE = 'breachlab-test/node:1';

/** In place of containerd's: keeps what it is given, and the names. It does not answer at once, as on a node that boots. */
const CTR = `#!/bin/bash
shift
case "$*" in
  'images list --quiet')
    [ -e /tmp/booted ] || { touch /tmp/booted; echo 'ctr: cannot dial containerd' >&2; exit 1; }
    cat /tmp/names 2>/dev/null || true ;;
  'images import --platform linux/'*' --no-unpack -') [ ! -e /tmp/full ] || { echo 'ctr: no space left on device' >&2; exit 1; }; cat >/tmp/imported.tar ;;
  'images tag --force '*) echo "$5" >>/tmp/names; echo "$4 $5" >>/tmp/tagged ;;
  *) echo "ctr: $*" >&2; exit 2 ;;
esac
`;

const signal = (): AbortSignal => AbortSignal.timeout(100_000);

describe.skipIf(dockerIsMissing)(`images in Docker${whyNoDocker}`, () => {
  let lab: ContainerLab;
  let engine: Engine;
  let folder: string;
  let choices: ImageChoices;
  const said: string[] = [];
  const progress = (step: string): void => void said.push(step);

  beforeAll(async () => {
    lab = await startContainerLab(['node01']);
    ({ engine } = lab.docker);
    folder = await mkdtemp(join(tmpdir(), 'breachlab-images-'));
    const text = `FROM ${lab.docker.image}\nRUN mkdir /kind && echo v1.36.4 >/kind/version\n`;
    const entries = [{ path: 'Dockerfile', mode: 0o644, content: Buffer.from(text) }];
    const context = { dockerfile: 'Dockerfile', entries };
    await buildImage({ engine, context, reference: NODE, buildArguments: {}, labels: {}, progress, signal: signal() });
    choices = parseImageChoices({ images: [`node=${NODE}`], mirrors: [] });
  }, 60_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true });
  });

  describe('that are built', () => {
    const seedOf = (...files: Seed['files']): Seed => ({ hosts: ['bastion'], manifests: [], files });
    const ensure = (seed: Seed) => {
      said.length = 0;
      return ensureImages({ engine, choices, seed, progress, signal: signal() });
    };

    test('come from the node image, are built once, and say what they lack', async () => {
      const built = await ensure(seedOf());
      expect([...built.keys()]).toEqual(['node-prepared', 'bastion']);
      expect(said).toContain(`building ${built.get('bastion')} from ${NODE}`);
      expect(said.at(-1)).toMatch(/^the image bastion lacks .*\bvim\b/);

      expect(await ensure(seedOf())).toEqual(built);
      expect(said.filter((step) => step.startsWith('building'))).toEqual([]);
      const rows = await inventory(engine, { choices, manifests: [] }, signal());
      expect(rows.find(({ name }) => name === 'bastion')).toMatchObject({ isHere: true, origin: 'derived' });
      expect(rows.find(({ name }) => name === 'bastion')?.missing).toContain('vim');
      expect(rows.find(({ name }) => name === 'internet')).toMatchObject({ isHere: false, origin: 'derived' });
    });

    test('start what they are for, with host keys of their own', async () => {
      const image = (await ensure(seedOf())).get('bastion') ?? '';
      const container = await engine.docker.createContainer({
        Image: image,
        HostConfig: { NetworkMode: 'none', Init: true },
      });
      try {
        await container.start();
        const { Config } = await container.inspect();
        expect(Config.Cmd).toEqual(['/usr/local/lib/breachlab/run-host', 'ssh']);
        await expect
          .poll(async () => JSON.stringify((await container.top()) as unknown), { timeout: 10_000 })
          .toContain('sshd');
      } finally {
        await container.remove({ force: true, v: true });
      }
    });

    test('lacking what a scenario cannot do without, are refused with the ways out', async () => {
      const docker = {
        host: 'node01',
        path: '/etc/docker/daemon.json',
        content: Buffer.from('{}'),
        mode: 0o644,
      } as const;
      const refusal = await ensure(seedOf(docker)).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(LabError);
      expect((refusal as LabError).message).toMatch(/^the image node-prepared lacks docker\.io: /);
      expect((refusal as LabError).nextStep).toMatch(
        /images build.*APT_MIRROR.*images load FILE.*--image node-prepared=/,
      );
    });

    test('are not built from what is no node image', async () => {
      const others = parseImageChoices({ images: [`node=${lab.docker.image}`], mirrors: [] });
      await expect(
        ensureImages({ engine, choices: others, seed: seedOf(), progress, signal: signal() }),
      ).rejects.toThrow(/is not a node image of kind$/);
    });

    test('are the ones that somebody names', async () => {
      const named = parseImageChoices({
        images: [`node-prepared=${NODE}`, `bastion=${lab.docker.image}`],
        mirrors: [],
      });
      const ready = await ensureImages({ engine, choices: named, seed: seedOf(), progress, signal: signal() });
      expect([...ready.values()]).toEqual([NODE, lab.docker.image]);
    });

    test('by nobody to be had are named with the flag that mends it', async () => {
      const absent = parseImageChoices({
        images: ['bastion=registry.invalid/b:1', `node-prepared=${NODE}`],
        mirrors: [],
      });
      const refusal = await ensureImages({ engine, choices: absent, seed: seedOf(), progress, signal: signal() }).catch(
        (error: unknown) => error as LabError,
      );
      expect(refusal).toMatchObject({
        message: expect.stringMatching(
          /^the image registry\.invalid\/b:1 \(bastion\) is not on this machine, and Docker reaches no registry/,
        ),
        nextStep: expect.stringContaining('--image bastion=REFERENCE'),
      });
    });
  });

  describe('in an archive', () => {
    test('are carried from one Docker to another', async () => {
      const file = join(folder, 'images.tar');
      const bytes = await saveArchive({ engine, file, progress, signal: signal() }, [NODE]);
      expect(bytes).toBeGreaterThan(1_000_000);
      await engine.docker.getImage(NODE).remove();
      expect(await findImage(engine, NODE, signal())).toBeUndefined();
      expect(await loadArchive({ engine, file, progress, signal: signal() })).toEqual([NODE]);
      expect(await findImage(engine, NODE, signal())).toMatchObject({ reference: NODE });
    });

    test('that is none, or not whole, never reach Docker', async () => {
      const load = (file: string) => loadArchive({ engine, file, progress, signal: signal() });
      const write = async (name: string, content: Uint8Array): Promise<string> => {
        await writeFile(join(folder, name), content);
        return join(folder, name);
      };
      await expect(load(await write('text', Buffer.from('x'.repeat(600))))).rejects.toThrow(/it is no tar$/);
      await expect(load(await write('gz', Buffer.from([0x1f, 0x8b, 8, 0])))).rejects.toThrow(/it is compressed$/);
      await expect(load(await write('empty', Buffer.alloc(1024)))).rejects.toThrow(/no images are in it$/);
      const whole = await readFile(join(folder, 'images.tar'));
      await expect(load(await write('cut', whole.subarray(0, 300_000)))).rejects.toThrow(/its end is missing$/);
      await expect(load(join(folder, 'nothing'))).rejects.toThrow(/cannot be read: ENOENT/);
    });

    test('leave nothing half done behind', async () => {
      const file = join(folder, 'absent.tar');
      await expect(saveArchive({ engine, file, progress, signal: signal() }, ['nobody/has:this'])).rejects.toThrow(
        LabError,
      );
      await expect(readFile(`${file}.part`)).rejects.toThrow(/ENOENT/);
      await expect(mustBeWritable('/nowhere/file.tar')).rejects.toThrow(/^\/nowhere cannot be used: ENOENT/);
    });
  });

  describe('of pods', () => {
    const WEB: PodImage = { reference: 'docker.io/library/nginx:1.27', from: 'breachlab-test:1' };
    const provide = (images: readonly PodImage[], how: ImageChoices) =>
      providePodImages({
        engine,
        images,
        choices: how,
        nodes: [{ host: lab.on('node01'), containerId: lab.container('node01').id }],
        progress,
        signal: signal(),
      });
    const renamed = (): ImageChoices =>
      parseImageChoices({
        images: [`node=${NODE}`, 'nginx:1.27=breachlab-test:1'],
        mirrors: ['https://mirror.invalid'],
      });

    beforeAll(async () => {
      await lab.on('node01').writeFile('/usr/local/bin/ctr', Buffer.from(CTR), { mode: 0o755 });
    });

    test('reach the nodes from Docker whole, under the names that the manifests use', async () => {
      await provide([WEB], renamed());
      expect(await lab.sh('node01', 'cat /tmp/tagged')).toBe(
        'docker.io/library/breachlab-test:1 docker.io/library/nginx:1.27',
      );
      const archive = join(folder, 'imported.tar');
      const { stdout } = await lab.on('node01').exec(['cat', '/tmp/imported.tar'], { maxBytes: 2e9, signal: signal() });
      await writeFile(archive, stdout);
      expect(await loadArchive({ engine, file: archive, progress, signal: signal() })).toEqual(['breachlab-test:1']);
      expect(await lab.sh('node01', 'cat /etc/containerd/certs.d/docker.io/hosts.toml')).toContain(
        'https://mirror.invalid',
      );
    });

    test('that a node has are not brought again', async () => {
      await lab.sh('node01', 'rm /tmp/imported.tar');
      await provide([WEB], renamed());
      expect(await lab.sh('node01', 'ls /tmp/imported.tar')).toMatch(/status 2/);
    });

    test('that a node cannot take are named, with its words', async () => {
      await lab.sh('node01', 'touch /tmp/full; rm /tmp/names');
      await expect(provide([WEB], renamed())).rejects.toThrow(
        /^could not bring breachlab-test:1 onto a node: ctr ended with 1: ctr: no space left on device$/,
      );
      await lab.sh('node01', 'rm /tmp/full');
    });

    test('that nobody has, and nothing can stand in for, are named with the flag that mends it', async () => {
      const refusal = await provide([{ reference: 'docker.io/library/nginx:9', from: 'nginx:9' }], choices).catch(
        (error: unknown) => error as LabError,
      );
      expect(refusal).toMatchObject({
        message: expect.stringMatching(/^the image nginx:9 \(nginx:9\) is not on this machine/),
        nextStep: expect.stringContaining('--image nginx:9=REFERENCE'),
      });
    });
  });
});
