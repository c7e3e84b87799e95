import type { Verb } from './verb.ts';
import { VERBS_OF_CONTEXTS } from './contexts.ts';
import { VERBS_OF_CONTAINERS } from './verbs-of-containers.ts';
import { VERBS_OF_ENGINE } from './verbs-of-engine.ts';
import { VERBS_OF_IMAGES } from './verbs-of-images.ts';

/** docker's commands by name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  ...VERBS_OF_CONTAINERS,
  ...VERBS_OF_IMAGES,
  ...VERBS_OF_ENGINE,
  ...VERBS_OF_CONTEXTS,
};

const OF_CONTAINERS =
  'run create exec attach logs start stop restart kill wait rename rm port cp top diff commit'.split(' ');

/** Other names of the same commands. */
const ALIASES: Readonly<Record<string, string>> = {
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
  'container remove': 'rm',
  'system info': 'info',
  'context list': 'context ls',
  'network list': 'network ls',
  'volume list': 'volume ls',
  'volume remove': 'volume rm',
};

/** All of docker's commands, those with two names under both. */
export const BY_EVERY_NAME: Readonly<Record<string, Verb>> = {
  ...VERBS,
  ...Object.fromEntries(
    Object.entries(ALIASES).flatMap(([name, of]) => {
      const verb = VERBS[of];
      return verb === undefined ? [] : [[name, verb] as const];
    }),
  ),
};

const NETWORKS = 'an engine of a lab has the networks bridge, host and none';
const LAYERS = 'images of a lab have no layers to write out or read in';
const CONTEXTS = 'there is the context that always is, and DOCKER_HOST for others';
const ONE_ENGINE = 'an engine of a lab is alone';
const NO_ACCOUNTS = 'the lab’s registries know nobody; they give their images to everybody';

/** Commands that docker has besides, by their first word or all of them, and why a lab has them not. */
const NOT_SIMULATED: Readonly<Record<string, string>> = {
  builder: 'a build leaves nothing behind that could be pruned',
  checkpoint: 'checkpoints',
  config: ONE_ENGINE,
  'context create': CONTEXTS,
  'context export': CONTEXTS,
  'context import': CONTEXTS,
  'context rm': CONTEXTS,
  'context update': CONTEXTS,
  'context use': CONTEXTS,
  events: 'the stream of the engine’s events',
  export: 'whole file systems of containers as archives; docker cp copies folders of them',
  import: LAYERS,
  load: LAYERS,
  login: NO_ACCOUNTS,
  logout: NO_ACCOUNTS,
  manifest: LAYERS,
  'network connect': NETWORKS,
  'network create': NETWORKS,
  'network disconnect': NETWORKS,
  'network prune': NETWORKS,
  'network rm': NETWORKS,
  node: ONE_ENGINE,
  pause: 'freezing what runs',
  plugin: 'plugins',
  push: NO_ACCOUNTS,
  save: LAYERS,
  search: 'asking registries for what they have',
  secret: ONE_ENGINE,
  service: ONE_ENGINE,
  stack: ONE_ENGINE,
  stats: 'nothing measures what a container of a lab uses',
  swarm: ONE_ENGINE,
  trust: 'signatures of Docker’s own kind; there is cosign',
  unpause: 'freezing what runs',
};

/** What is said of a command that docker has and a lab has not; undefined for a command that docker has not either. */
export function refusalOfCommand([first = '', second = '']: readonly string[]): string | undefined {
  const inGroup = first === 'image' || first === 'container' || first === 'system' ? second : `${first} ${second}`;
  for (const name of [inGroup, first]) {
    const why = NOT_SIMULATED[name];
    if (why !== undefined) return `not simulated: docker ${name}: ${why}`;
  }
  return undefined;
}
