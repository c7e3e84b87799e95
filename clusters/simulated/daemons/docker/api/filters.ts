import { posix } from 'node:path';
import type { EngineContainer } from '../engine-container.ts';
import { configOf, type EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';

/** What a list is to be narrowed to: values by the filter's name, of which one has to fit. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** What lists of containers and of images can be narrowed by. */
export const CONTAINER_FILTERS = ['name', 'id', 'status', 'exited', 'ancestor', 'network', 'volume', 'label'];
export const IMAGE_FILTERS = ['dangling', 'reference', 'label'];

/** `filters={"name":["web"]}`; clients of old send `{"name":{"web":true}}`. Throws `EngineRefusal`, also for others than those it knows. */
export function filtersOf({ query }: Exchange, known: readonly string[]): Filters {
  const text = query.get('filters') ?? '';
  if (text === '') return new Map();
  const filters = parsedFilters(text);
  for (const name of filters.keys()) if (!known.includes(name)) throw unknown(name);
  return filters;
}

function parsedFilters(text: string): Filters {
  try {
    const parsed = JSON.parse(text) as Readonly<Record<string, readonly string[] | Readonly<Record<string, boolean>>>>;
    return new Map(
      Object.entries(parsed).map(([name, values]) => [name, Array.isArray(values) ? values : Object.keys(values)]),
    );
  } catch (cause) {
    throw new EngineRefusal(400, 'invalid filter', { cause });
  }
}

/** Filters that docker has, and a lab knows nothing to answer with. */
const NOT_SIMULATED = ['before', 'expose', 'health', 'is-task', 'isolation', 'publish', 'since', 'until'];

function unknown(filter: string): EngineRefusal {
  return NOT_SIMULATED.includes(filter)
    ? new EngineRefusal(501, `not simulated: the filter ${filter}`)
    : new EngineRefusal(400, `invalid filter '${filter}'`);
}

function hasLabel(labels: Readonly<Record<string, string>>, value: string): boolean {
  const [name = '', ...wanted] = value.split('=');
  const label = labels[name];
  return label !== undefined && (wanted.length === 0 || label === wanted.join('='));
}

/** moby daemon/list.go; labels have to fit all. */
export function fitsContainer(container: EngineContainer, filters: Filters): boolean {
  const { id, name, state, config, exitCode, image } = container;
  return [...filters].every(([filter, values]) => {
    const some = (is: (value: string) => boolean): boolean => values.some(is);
    switch (filter) {
      case 'name':
        return some((value) => name.includes(value.replace(/^[/^]+/, '').replace(/\$$/, '')));
      case 'id':
        return some((value) => id.startsWith(value));
      case 'status':
        return values.includes(state);
      case 'exited':
        return state === 'exited' && values.includes(String(exitCode));
      case 'ancestor':
        return some(
          (value) => [value, `${value}:latest`].includes(image.reference) || image.id.slice(7).startsWith(value),
        );
      case 'network':
        return values.includes(config.network);
      case 'volume':
        return some((value) =>
          config.mounts.some(({ source, target }) => [source, target, source.split('/').at(-2)].includes(value)),
        );
      case 'label':
        return values.every((value) => hasLabel(config.labels, value));
      default:
        return false;
    }
  });
}

/** moby daemon/containerd/image_list.go; `reference` is a pattern of names with or without a tag. */
export function fitsImage(image: EngineImage, filters: Filters): boolean {
  const isDangling = image.reference.startsWith('<none>');
  return [...filters].every(([filter, values]) => {
    switch (filter) {
      case 'dangling':
        return values.includes(String(isDangling)) || values.includes(isDangling ? '1' : '0');
      case 'reference':
        return values.some((value) =>
          [image.reference, image.reference.replace(/[:@][^/]*$/, '')].some((name) => posix.matchesGlob(name, value)),
        );
      case 'label':
        return values.every((value) => hasLabel(configOf(image).labels, value));
      default:
        return false;
    }
  });
}
