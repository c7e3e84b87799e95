import { fullName } from '../../../images/image.ts';
import { EngineRefusal } from '../refusal.ts';
import { imageDetails, imageRow } from './describe.ts';
import { type Answer, type Exchange, isTrue } from './exchange.ts';

export function listImages({ engine }: Exchange): Answer {
  const containers = engine.containers();
  const users = (id: string): number => containers.filter(({ image }) => image.id === id).length;
  return { status: 200, body: engine.images.list().map((image) => imageRow(image, users(image.id))) };
}

export const inspectImage = ({ engine, name }: Exchange): Answer => ({
  status: 200,
  body: imageDetails(engine.images.get(name)),
});

/** The layers of an image are not modelled: its one is all of it. */
export function imageHistory({ engine, name }: Exchange): Answer {
  const image = engine.images.get(name);
  const Created = Math.floor(image.created / 1000);
  const words = JSON.stringify([...image.row.entrypoint, ...image.row.command]);
  return {
    status: 200,
    body: [
      { Id: image.id, Created, CreatedBy: `CMD ${words}`, Size: 0, Tags: [image.reference], Comment: '' },
      {
        Id: '<missing>',
        Created,
        CreatedBy: 'not simulated: its layers',
        Size: image.row.bytes,
        Tags: null,
        Comment: '',
      },
    ],
  };
}

export const deleteImage = (exchange: Exchange): Answer => ({
  status: 200,
  body: exchange.engine.removeImage(exchange.name, isTrue(exchange, 'force')),
});

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
      status: `Pulling from ${fullName(reference)
        .replace(/^docker\.io\//, '')
        .replace(/[:@][^/]*$/, '')}`,
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
