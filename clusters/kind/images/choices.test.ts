import { describe, expect, test } from 'vitest';
import { LabError } from '../../cluster.ts';
import { NO_CHOICES, nodeReference, parseImageChoices, pulledReference, withRelease } from './choices.ts';
import { NODE_IMAGE } from './table.ts';

const choices = (images: readonly string[], mirrors: readonly string[] = []) => parseImageChoices({ images, mirrors });

describe('--image', () => {
  test('names an image of ours, or one of a pod by any way of writing it; the last word counts', () => {
    const { own, pods } = choices(['workstation=a/w:1', 'workstation=a/w:2', 'nginx:1.27=mirror.local/nginx:1.27']);
    expect([...own]).toEqual([['workstation', 'a/w:2']]);
    expect([...pods]).toEqual([['docker.io/library/nginx:1.27', 'mirror.local/nginx:1.27']]);
  });

  test('with a reference alone is the node image, as for kind', () => {
    expect(nodeReference(choices(['kindest/node:v1.36.1']))).toBe('kindest/node:v1.36.1');
    expect(nodeReference(NO_CHOICES)).toBe(NODE_IMAGE);
  });

  test.each([
    ['workstaton=a:1', /there is no image "workstaton"/],
    ['node=UPPER', /"UPPER" is not an image's reference/],
    ['node=', /"" is not/],
    ['=a:1', /there is no image ""/],
  ])('%s is refused', (text, message) => {
    expect(() => choices([text])).toThrow(LabError);
    expect(() => choices([text])).toThrow(message);
  });
});

describe('--registry-mirror', () => {
  test('stands for Docker Hub, or for the registry it names', () => {
    expect([...choices([], ['https://m.local/', 'registry.k8s.io=http://k.local:5000']).mirrors]).toEqual([
      ['docker.io', 'https://m.local'],
      ['registry.k8s.io', 'http://k.local:5000'],
    ]);
  });

  test.each(['m.local', 'ftp://m.local', 'docker.io=', 'https://u:p@m.local', 'https://m.local?x=1'])(
    'that is %s is refused',
    (text) => {
      expect(() => choices([], [text])).toThrow(/is no address of a registry/);
    },
  );

  test.each([
    ['nginx:1.27', 'm.local/hub/library/nginx:1.27'],
    ['kindest/node:v1', 'm.local/hub/kindest/node:v1'],
    ['registry.k8s.io/pause:3', 'k.local:5000/pause:3'],
    ['quay.io/a/b:1', 'quay.io/a/b:1'],
  ])('pulls %s as %s', (reference, from) => {
    const mirrored = choices([], ['https://m.local/hub', 'registry.k8s.io=http://k.local:5000']);
    expect(pulledReference(reference, mirrored)).toBe(from);
  });
});

test('a scenario’s release names the node image, unless the command line does', () => {
  expect(nodeReference(withRelease(NO_CHOICES, '1.35.2'))).toBe('kindest/node:v1.35.2');
  expect(nodeReference(withRelease(NO_CHOICES, undefined))).toBe(NODE_IMAGE);
  expect(nodeReference(withRelease(choices(['mirror/node:v1.36.1']), '1.35.2'))).toBe('mirror/node:v1.36.1');
});
