import { inspectNetworks, listNetworks } from './networks.ts';
import { pruneSystem } from './prune.ts';
import { showDiskUsage, showInfo, showVersion } from './system.ts';
import { command, FORMAT, type Verb } from './verb.ts';
import { createVolume, inspectVolumes, listVolumes, pruneVolumes, removeVolumes } from './volumes.ts';

/** docker's commands over an engine, its networks and volumes, with the words of their usage (docker/cli cli/command). */
export const VERBS_OF_ENGINE: Readonly<Record<string, Verb>> = {
  info: command('[OPTIONS]', 'Display system-wide information', showInfo, { values: FORMAT }),
  version: command('[OPTIONS]', 'Show the Docker version information', showVersion, { values: FORMAT }),
  'system df': command('[OPTIONS]', 'Show docker disk usage', showDiskUsage, {
    values: ['--format'],
    refused: ['v', 'verbose'],
  }),
  'network ls': command('[OPTIONS]', 'List networks', listNetworks, {
    booleans: ['-q --quiet', '--no-trunc'],
    values: ['--format'],
    refused: ['f', 'filter'],
  }),
  'network inspect': command(
    '[OPTIONS] NETWORK [NETWORK...]',
    'Display detailed information on one or more networks',
    inspectNetworks,
    { values: FORMAT, refused: ['v', 'verbose'] },
  ),
  'system prune': command('[OPTIONS]', 'Remove unused data', pruneSystem, {
    booleans: ['-a --all', '-f --force'],
    refused: ['filter', 'volumes'],
  }),
  'volume ls': command('[OPTIONS]', 'List volumes', listVolumes, {
    booleans: ['-q --quiet'],
    values: ['--format'],
    refused: ['f', 'filter'],
  }),
  'volume create': command('[OPTIONS] [VOLUME]', 'Create a volume', createVolume, {
    refused: ['d', 'driver', 'o', 'opt', 'label'],
  }),
  'volume inspect': command(
    '[OPTIONS] VOLUME [VOLUME...]',
    'Display detailed information on one or more volumes',
    inspectVolumes,
    { values: FORMAT },
  ),
  'volume rm': command('[OPTIONS] VOLUME [VOLUME...]', 'Remove one or more volumes', removeVolumes, {
    booleans: ['-f --force'],
  }),
  'volume prune': command('[OPTIONS]', 'Remove unused local volumes', pruneVolumes, {
    booleans: ['-a --all', '-f --force'],
    refused: ['filter'],
  }),
};
