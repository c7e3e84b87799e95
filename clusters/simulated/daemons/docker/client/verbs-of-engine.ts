import { inspectNetworks, listNetworks } from './networks.ts';
import { pruneSystem } from './prune.ts';
import { showDiskUsage, showInfo, showVersion } from './system.ts';
import { ANY, FORMAT, type Verb } from './verb.ts';
import { createVolume, inspectVolumes, listVolumes, pruneVolumes, removeVolumes } from './volumes.ts';

/** docker's commands over an engine, its networks and volumes, with the words of their usage (docker/cli cli/command). */
export const VERBS_OF_ENGINE: Readonly<Record<string, Verb>> = {
  info: {
    usage: '[OPTIONS]',
    description: 'Display system-wide information',
    words: [0, 0],
    flags: { values: FORMAT },
    run: showInfo,
  },
  version: {
    usage: '[OPTIONS]',
    description: 'Show the Docker version information',
    words: [0, 0],
    flags: { values: FORMAT },
    run: showVersion,
  },
  'system df': {
    usage: '[OPTIONS]',
    description: 'Show docker disk usage',
    words: [0, 0],
    flags: { values: ['--format'], refused: ['v', 'verbose'] },
    run: showDiskUsage,
  },
  'network ls': {
    usage: '[OPTIONS]',
    description: 'List networks',
    words: [0, 0],
    flags: { booleans: ['-q --quiet', '--no-trunc'], values: ['--format'], refused: ['f', 'filter'] },
    run: listNetworks,
  },
  'network inspect': {
    usage: '[OPTIONS] NETWORK [NETWORK...]',
    description: 'Display detailed information on one or more networks',
    words: [1, ANY],
    flags: { values: FORMAT, refused: ['v', 'verbose'] },
    run: inspectNetworks,
  },
  'system prune': {
    usage: '[OPTIONS]',
    description: 'Remove unused data',
    words: [0, 0],
    flags: { booleans: ['-a --all', '-f --force'], refused: ['filter', 'volumes'] },
    run: pruneSystem,
  },
  'volume ls': {
    usage: '[OPTIONS]',
    description: 'List volumes',
    words: [0, 0],
    flags: { booleans: ['-q --quiet'], values: ['--format'], refused: ['f', 'filter'] },
    run: listVolumes,
  },
  'volume create': {
    usage: '[OPTIONS] [VOLUME]',
    description: 'Create a volume',
    words: [0, 1],
    flags: { refused: ['d', 'driver', 'o', 'opt', 'label'] },
    run: createVolume,
  },
  'volume inspect': {
    usage: '[OPTIONS] VOLUME [VOLUME...]',
    description: 'Display detailed information on one or more volumes',
    words: [1, ANY],
    flags: { values: FORMAT },
    run: inspectVolumes,
  },
  'volume rm': {
    usage: '[OPTIONS] VOLUME [VOLUME...]',
    description: 'Remove one or more volumes',
    words: [1, ANY],
    flags: { booleans: ['-f --force'] },
    run: removeVolumes,
  },
  'volume prune': {
    usage: '[OPTIONS]',
    description: 'Remove unused local volumes',
    words: [0, 0],
    flags: { booleans: ['-a --all', '-f --force'], refused: ['filter'] },
    run: pruneVolumes,
  },
};
