import { BUILD_FLAGS, buildFrom } from './build.ts';
import { inspect } from './containers.ts';
import { pullImage, removeImages, tagImage } from './images.ts';
import { listImages, showHistory } from './lists.ts';
import { pruneImages } from './prune.ts';
import { command, FORMAT, type Verb } from './verb.ts';

/** docker's commands over images, with the words of their usage (docker/cli cli/command/image). */
export const VERBS_OF_IMAGES: Readonly<Record<string, Verb>> = {
  build: {
    ...command('[OPTIONS] PATH | URL | -', 'Build an image from a Dockerfile', buildFrom, BUILD_FLAGS),
    words: [1, 1],
  },
  images: command('[OPTIONS] [REPOSITORY[:TAG]]', 'List images', listImages, {
    booleans: ['-a --all', '-q --quiet', '--no-trunc', '--digests'],
    values: ['-f --filter', '--format'],
    refused: ['tree'],
  }),
  'image inspect': command(
    '[OPTIONS] IMAGE [IMAGE...]',
    'Display detailed information on one or more images',
    inspect(['images']),
    { values: FORMAT },
  ),
  rmi: command('[OPTIONS] IMAGE [IMAGE...]', 'Remove one or more images', removeImages, {
    booleans: ['-f --force', '--no-prune'],
  }),
  history: command('[OPTIONS] IMAGE', 'Show the history of an image', showHistory, {
    booleans: ['--no-trunc'],
    values: ['--format'],
    refused: ['q', 'quiet', 'H', 'human'],
  }),
  pull: command('[OPTIONS] NAME[:TAG|@DIGEST]', 'Download an image from a registry', pullImage, {
    booleans: ['-q --quiet'],
    refused: ['a', 'all-tags', 'platform', 'disable-content-trust'],
  }),
  tag: command(
    'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    tagImage,
  ),
  'image prune': command('[OPTIONS]', 'Remove unused images', pruneImages, {
    booleans: ['-a --all', '-f --force'],
    refused: ['filter'],
  }),
};
