import { BUILD_FLAGS, buildFrom } from './build.ts';
import { inspect } from './containers.ts';
import { pullImage, removeImages, tagImage } from './images.ts';
import { listImages, showHistory } from './lists.ts';
import { pruneImages } from './prune.ts';
import { ANY, FORMAT, type Verb } from './verb.ts';

/** docker's commands over images, with the words of their usage (docker/cli cli/command/image). */
export const VERBS_OF_IMAGES: Readonly<Record<string, Verb>> = {
  build: {
    usage: '[OPTIONS] PATH | URL | -',
    description: 'Build an image from a Dockerfile',
    words: [1, 1],
    flags: BUILD_FLAGS,
    run: buildFrom,
  },
  images: {
    usage: '[OPTIONS] [REPOSITORY[:TAG]]',
    description: 'List images',
    words: [0, 1],
    flags: {
      booleans: ['-a --all', '-q --quiet', '--no-trunc', '--digests'],
      values: ['-f --filter', '--format'],
      refused: ['tree'],
    },
    run: listImages,
  },
  'image inspect': {
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    description: 'Display detailed information on one or more images',
    words: [1, ANY],
    flags: { values: FORMAT },
    run: inspect(['images']),
  },
  rmi: {
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    description: 'Remove one or more images',
    words: [1, ANY],
    flags: { booleans: ['-f --force', '--no-prune'] },
    run: removeImages,
  },
  history: {
    usage: '[OPTIONS] IMAGE',
    description: 'Show the history of an image',
    words: [1, 1],
    flags: { booleans: ['--no-trunc'], values: ['--format'], refused: ['q', 'quiet', 'H', 'human'] },
    run: showHistory,
  },
  pull: {
    usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
    description: 'Download an image from a registry',
    words: [1, 1],
    flags: { booleans: ['-q --quiet'], refused: ['a', 'all-tags', 'platform', 'disable-content-trust'] },
    run: pullImage,
  },
  tag: {
    usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    description: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    words: [2, 2],
    run: tagImage,
  },
  'image prune': {
    usage: '[OPTIONS]',
    description: 'Remove unused images',
    words: [0, 0],
    flags: { booleans: ['-a --all', '-f --force'], refused: ['filter'] },
    run: pruneImages,
  },
};
