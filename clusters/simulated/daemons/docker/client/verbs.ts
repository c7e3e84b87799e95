import type { Verb } from './verb.ts';
import { VERBS_OF_CONTAINERS } from './verbs-of-containers.ts';
import { VERBS_OF_ENGINE } from './verbs-of-engine.ts';
import { VERBS_OF_IMAGES } from './verbs-of-images.ts';

/** docker's commands by name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  ...VERBS_OF_CONTAINERS,
  ...VERBS_OF_IMAGES,
  ...VERBS_OF_ENGINE,
};

const OF_CONTAINERS = 'run create exec attach logs start stop restart kill wait rename rm port cp top stats'.split(' ');

/** Other names of the same commands. */
export const ALIASES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OF_CONTAINERS.map((name) => [`container ${name}`, name])),
  'container ls': 'ps',
  'container list': 'ps',
  'container ps': 'ps',
  'image ls': 'images',
  'image list': 'images',
  'image rm': 'rmi',
  'image remove': 'rmi',
  'image pull': 'pull',
  'image history': 'history',
  'image build': 'build',
  'image tag': 'tag',
  'builder build': 'build',
  'system info': 'info',
  'network list': 'network ls',
  'volume list': 'volume ls',
  'volume remove': 'volume rm',
};

/** Commands that docker has besides. */
export const NOT_SIMULATED: ReadonlySet<string> = new Set(
  'builder buildx commit compose config container context diff events export image import load login logout manifest network node pause plugin push save search secret service stack swarm system trust unpause update volume'.split(
    ' ',
  ),
);
