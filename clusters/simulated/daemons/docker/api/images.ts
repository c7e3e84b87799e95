import { repositoryPath } from '../../../images/image.ts';
import { sizeOf } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import { imageDetails, imageRow } from './describe.ts';
import { type Answer, type Exchange, isTrue } from './exchange.ts';
import { filtersOf, fitsImage, IMAGE_FILTERS } from './filters.ts';

export function listImages(exchange: Exchange): Answer {
  const { engine } = exchange;
  const wanted = filtersOf(exchange, IMAGE_FILTERS);
  const containers = engine.containers();
  const users = (id: string): number => containers.filter(({ image }) => image.id === id).length;
  return {
    status: 200,
    body: engine.images
      .list()
      .filter((image) => fitsImage(image, wanted))
      .toSorted((a, b) => b.created - a.created)
      .map((image) => imageRow(image, users(image.id))),
  };
}

export const inspectImage = ({ engine, name }: Exchange): Answer => ({
  status: 200,
  body: imageDetails(engine.images.get(name)),
});

/** The layers of an image are not modelled: one is all of it, beside the steps of a build. */
export function imageHistory({ engine, name }: Exchange): Answer {
  const image = engine.images.get(name);
  const Created = Math.floor(image.created / 1000);
  const words = JSON.stringify([...image.row.entrypoint, ...image.row.command]);
  const rows = [
    ...(image.built?.history ?? []).map((text) => ({ CreatedBy: text, Size: 0 })).reverse(),
    { CreatedBy: `CMD ${words}`, Size: 0 },
    { CreatedBy: 'not simulated: its layers', Size: sizeOf(image) },
  ];
  return {
    status: 200,
    body: rows.map((row, at) => ({
      Id: at === 0 ? image.id : '<missing>',
      Created,
      ...row,
      Tags: at === 0 && !image.reference.includes('@') ? [image.reference] : null,
      Comment: '',
    })),
  };
}

export const deleteImage = (exchange: Exchange): Answer => ({
  status: 200,
  body: exchange.engine.removeImage(exchange.name, isTrue(exchange, 'force')),
});

/** `docker tag`. */
export function tagImage({ engine, name, query }: Exchange): Answer {
  const [repository, tag] = [query.get('repo') ?? '', query.get('tag') ?? ''];
  engine.images.tag(engine.images.get(name), tag === '' ? repository : `${repository}:${tag}`);
  return { status: 201 };
}

/** Removes images without a name that no container needs, with `dangling=false` all that none needs (moby daemon/images/image_prune.go). */
export function pruneImages(exchange: Exchange): Answer {
  const { engine } = exchange;
  const all =
    filtersOf(exchange, IMAGE_FILTERS)
      .get('dangling')
      ?.some((value) => value === 'false' || value === '0') === true;
  const used = new Set(engine.containers().map(({ image }) => image.id));
  const unused = engine.images
    .list()
    .filter(({ id, reference }) => !used.has(id) && (all || reference.startsWith('<none>')));
  const removals = unused.map((image) => ({ image, done: engine.removeImage(image.reference, false) }));
  const SpaceReclaimed = removals
    .filter(({ done }) => done.some(({ Deleted }) => Deleted !== undefined))
    .reduce((sum, { image }) => sum + sizeOf(image), 0);
  return { status: 200, body: { ImagesDeleted: removals.flatMap(({ done }) => done), SpaceReclaimed } };
}

/** Pulls, telling how it goes line by line (moby pkg/jsonmessage). An image has one layer here. */
export function pullImage({ engine, query, to }: Exchange): Answer | undefined {
  const from = query.get('fromImage') ?? '';
  const tag = query.get('tag') ?? '';
  if (from === '') throw new EngineRefusal(501, 'not simulated: importing an image');
  const reference = tag === '' ? from : tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`;
  const { image, isNew } = engine.images.pull(reference);
  const layer = image.id.slice(19, 31);
  const steps = [
    {
      status: `Pulling from ${repositoryPath(reference)}`,
      id: tag === '' ? 'latest' : tag,
    },
    ...(isNew
      ? ['Pulling fs layer', 'Download complete', 'Pull complete'].map((status) => ({ status, id: layer }))
      : []),
    { status: `Digest: ${image.digest}` },
    { status: `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${image.reference}` },
  ];
  if (!('response' in to)) return { status: 400, body: { message: 'a pull is no stream' } };
  to.response.writeHead(200, { 'content-type': 'application/json' });
  to.response.end(steps.map((step) => `${JSON.stringify(step)}\r\n`).join(''));
  return undefined;
}
