import { lastOption } from '../command-line.ts';
import type { CriContainer } from './cri-runtime.ts';
import { isNamed } from './lists.ts';
import { CrictlError, doing, type CriRequest, eachWord, findContainer } from './verb.ts';

/** What crictl does to what is there; the kubelet sees it, and does what its pods' specifications say about it. */

const ofAll = async (
  request: CriRequest,
  ids: () => Promise<readonly { readonly id: string }[]>,
): Promise<CriRequest> => {
  if (!request.options.has('all')) return request;
  return { ...request, words: (await ids()).map(({ id }) => id) };
};

/** `crictl stop`: SIGTERM, and SIGKILL after `--timeout` seconds, which are 0 unless said. */
export async function stopContainers(request: CriRequest): Promise<number> {
  const { runtime, call, options } = request;
  if (options.has('all') && request.words.length > 0)
    throw new CrictlError('cannot specify CONTAINER-ID(s) when using --all');
  const running = async (): Promise<readonly CriContainer[]> =>
    (await runtime.containers()).filter(({ state }) => state === 'Running');
  const asked = await ofAll(request, running);
  if (asked.words.length === 0 && !options.has('all'))
    throw new CrictlError('you must specify at least one CONTAINER-ID or use --all');
  for (const word of asked.words) {
    await doing(`stopping the container ${JSON.stringify(word)}`, async () => {
      const container = await findContainer(runtime, word);
      if (container.state === 'Running')
        await runtime.stop(container, Number(lastOption(options, 'timeout') ?? 0) * 1000);
    });
    await call.stdout(`${word}\n`);
  }
  return 0;
}

/** `crictl rm`. */
export async function removeContainers(request: CriRequest): Promise<number> {
  const { runtime, call, options } = request;
  return eachWord(await ofAll(request, () => runtime.containers()), async (word) => {
    const container = await doing(`getting container status ${JSON.stringify(word)}`, () =>
      findContainer(runtime, word),
    );
    if (container.state === 'Running') {
      if (!options.has('force'))
        throw new CrictlError(`container ${JSON.stringify(word)} is running, please stop it first`);
      await runtime.stop(container, 0);
    }
    runtime.remove(container);
    await call.stdout(`${word}\n`);
  });
}

/** `crictl pull`. */
export async function pullImage({ runtime, call, words }: CriRequest): Promise<number> {
  const [reference = ''] = words;
  if (reference === '') throw new CrictlError('image name cannot be empty');
  const found = await doing('pulling image', () => runtime.pull(reference));
  await call.stdout(`Image is up to date for ${found}\n`);
  return 0;
}

/** `crictl rmi`: containerd takes an image away also from under a container that runs from it, and the container goes on. */
export async function removeImages(request: CriRequest): Promise<number> {
  const { runtime, call, options, words } = request;
  const images = await runtime.images();
  const used = new Set((await runtime.containers()).map(({ imageId }) => imageId));
  const chosen = options.has('prune')
    ? images.filter(({ id, pinned }) => !pinned && !used.has(id))
    : options.has('all')
      ? images
      : undefined;
  if (chosen === undefined && words.length === 0) throw new CrictlError('ID cannot be empty');
  if (chosen?.length === 0) {
    await call.stderr('INFO[0000] No images to remove\n');
    return 0;
  }
  const asked = chosen ?? words.map((word) => ({ word, image: images.find((one) => isNamed(one, word)) }));
  let isWhole = true;
  for (const one of asked) {
    const image = 'word' in one ? one.image : one;
    if (image === undefined) {
      isWhole = false;
      await call.stderr(`ERRO[0000] no such image ${'word' in one ? one.word : ''}\n`);
      continue;
    }
    runtime.removeImage(image);
    await call.stdout(
      (image.tags.length === 0 ? image.digests : image.tags).map((name) => `Deleted: ${name}\n`).join(''),
    );
  }
  if (!isWhole) throw new CrictlError('unable to remove the image(s)');
  return 0;
}
