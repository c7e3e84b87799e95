import { resolve } from 'node:path';
import { Command } from 'commander';
import { LabError, type Seed } from '../clusters/cluster.ts';
import type { Engine } from '../clusters/kind/docker/engine.ts';
import type { ImageChoices } from '../clusters/kind/images/choices.ts';
import type { ImageRow } from '../clusters/kind/images/inventory.ts';
import { clientPrograms } from './backends.ts';
import type { CommandContext } from './context.ts';
import { buildArgumentsOf } from './kind-backend.ts';
import { scenarioDirectory } from './scenarios.ts';
import { imageOption, type KindFlags, mirrorOption, scenariosOption } from './shared-options.ts';

interface ImagesOptions extends KindFlags {
  readonly backend: string;
  readonly scenarios?: string;
  readonly json?: true;
}

/** What every one of these commands begins with. */
interface Workbench {
  readonly engine: Engine;
  readonly choices: ImageChoices;
  /** Of all scenarios together. */
  readonly seed: Seed;
}

/** `breachlab images …`: what labs of the kind backend are made of, and how it gets to a machine without internet. */
export function imagesCommand(context: CommandContext): Command {
  const { stdout, stderr, signal } = context;
  const progress = (step: string): void => void stderr.write(`· ${step}\n`);
  const images = new Command('images')
    .description('images of kind labs: list, build, carry to a machine without internet')
    .enablePositionalOptions();
  const command = (name: string, description: string): Command =>
    images
      .command(name)
      .description(description)
      .option('--backend <name>', 'kind alone has images', 'kind')
      .addOption(scenariosOption())
      .addOption(imageOption())
      .addOption(mirrorOption())
      .option('--json', 'one JSON document');
  const print = (value: unknown, { json }: ImagesOptions, text: string): void =>
    void stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);

  command('list', 'which images labs need, and whether Docker has them').action(async (options: ImagesOptions) => {
    const rows = await inventoryOf(await workbench(context, options), signal);
    print(rows, options, rows.map(described).join('\n'));
  });

  command('build', 'pull and build all of them now, those again that lack programs').action(
    async (options: ImagesOptions) => {
      const bench = await workbench(context, options);
      await complete(context, bench, progress);
      const rows = await inventoryOf(bench, signal);
      print(rows, options, rows.map(described).join('\n'));
    },
  );

  command('save', 'pull and build what is missing, and write all of them to a file')
    .argument('<file>')
    .action(async (named: string, options: ImagesOptions) => {
      const bench = await workbench(context, options);
      const { mustBeWritable, saveArchive } = await import('../clusters/kind/images/archive.ts');
      const file = resolve(named);
      await mustBeWritable(file);
      await complete(context, bench, progress);
      const rows = await inventoryOf(bench, signal);
      const references = [...new Set(rows.flatMap(({ reference }) => reference ?? []))];
      const bytes = await saveArchive({ engine: bench.engine, file, progress, signal }, references);
      const text = `${references.length} images in ${file} (${Math.ceil(bytes / 1e6)} MB). There: ./breachlab images load ${named}`;
      print({ file, bytes, images: references }, options, text);
    });

  command('load', 'give Docker the images of a file that `images save` has written')
    .argument('<file>')
    .action(async (named: string, options: ImagesOptions) => {
      const { engine } = await workbench(context, options);
      const { loadArchive } = await import('../clusters/kind/images/archive.ts');
      const file = resolve(named);
      const names = await loadArchive({ engine, file, progress, signal });
      print({ file, images: names }, options, `Docker has ${names.length} more images: ${names.join(', ')}`);
    });
  return images;
}

async function workbench(context: CommandContext, options: ImagesOptions): Promise<Workbench> {
  if (options.backend !== 'kind') {
    throw new LabError(`The ${options.backend} backend has no images.`, 'Leave out --backend, or say --backend kind.');
  }
  const [{ connectEngine, socketPathOf }, { parseImageChoices }, { listScenarios, loadScenario }] = await Promise.all([
    import('../clusters/kind/docker/engine.ts'),
    import('../clusters/kind/images/choices.ts'),
    import('../grader/scenario/load.ts'),
  ]);
  const choices = parseImageChoices({ images: options.image ?? [], mirrors: options.registryMirror ?? [] });
  const directory = scenarioDirectory(context, options.scenarios);
  const [engine, seeds] = await Promise.all([
    connectEngine({ socketPath: socketPathOf(context.env['DOCKER_HOST']) }, context.signal),
    listScenarios(directory).then((ids) =>
      Promise.all(ids.map(async (id) => (await loadScenario(directory, id)).seed)),
    ),
  ]);
  const seed = {
    hosts: [...new Set(seeds.flatMap(({ hosts }) => hosts))],
    manifests: seeds.flatMap(({ manifests }) => manifests),
    files: seeds.flatMap(({ files }) => files),
  };
  return { engine, choices, seed };
}

async function inventoryOf({ engine, choices, seed }: Workbench, signal: AbortSignal): Promise<readonly ImageRow[]> {
  const { inventory } = await import('../clusters/kind/images/inventory.ts');
  return inventory(engine, { choices, manifests: seed.manifests }, signal);
}

/** Has all of them at hand. */
async function complete(context: CommandContext, bench: Workbench, progress: (step: string) => void): Promise<void> {
  const { signal } = context;
  const { provide } = await import('./setup/needs.ts');
  await provide(['clients'], context);
  const [{ ensureImages }, { findOrPull }, { podImages }, { familiarReference }, { standInFor }] = await Promise.all([
    import('../clusters/kind/images/ensure-images.ts'),
    import('../clusters/kind/images/docker-images.ts'),
    import('../clusters/kind/images/pod-images.ts'),
    import('../clusters/kind/images/reference.ts'),
    import('../clusters/kind/images/stand-ins.ts'),
  ]);
  const { engine, choices, seed } = bench;
  const helm = clientPrograms(context).helm;
  const request = {
    engine,
    choices,
    helm,
    buildArguments: buildArgumentsOf(context.env),
    again: true,
    progress,
    signal,
  };
  await ensureImages({ ...request, seed });
  for (const { reference, from } of podImages(seed.manifests, choices)) {
    const name = familiarReference(reference);
    await findOrPull({ ...request, reference: from, name }).catch((error: unknown) => {
      signal.throwIfAborted();
      if (choices.pods.has(reference)) throw error;
      return standInFor(reference, error, request);
    });
  }
}

function described({ name, reference, isHere, bytes, missing, origin }: ImageRow): string {
  const state = isHere
    ? `${Math.ceil(bytes / 1e6)} MB`
    : origin === 'derived'
      ? 'built when first needed'
      : 'pulled when first needed';
  const lacks = missing.length === 0 ? '' : `  lacks ${missing.join(', ')}`;
  return `${name.padEnd(30)} ${(reference ?? '(built from node)').padEnd(45)} ${state}${lacks}`;
}
