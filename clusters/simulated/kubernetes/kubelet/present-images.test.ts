import { expect, test } from 'vitest';
import type { Pod } from '../model/generated/objects.ts';
import { PresentImages } from './present-images.ts';

const ran = (nodeName: string, image: string): Pod =>
  ({
    spec: { nodeName },
    status: { containerStatuses: [{ name: 'c', image, containerID: 'containerd://1' }] },
  }) as unknown as Pod;

test('a node has what has run on it, and what it pulled once', () => {
  const images = new PresentImages(() => [ran('node01', 'docker.io/library/nginx:1.27')]);
  expect(images.isPresent('node01', { image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' })).toBe(true);
  expect(images.isPresent('node02', { image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' })).toBe(false);
  expect(images.isPresent('node02', { image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' })).toBe(true);
});

test('asks for an image that is there only where the policy says so', () => {
  const images = new PresentImages(() => [ran('node01', 'docker.io/library/nginx:latest')]);
  expect(images.isPresent('node01', { image: 'nginx', imagePullPolicy: 'Always' })).toBe(false);
  expect(images.isPresent('node01', { image: 'nginx', imagePullPolicy: 'Never' })).toBe(true);
});

test('what somebody pulls on a node it has, and what they take away it pulls again', () => {
  const images = new PresentImages(() => [ran('node01', 'docker.io/library/nginx:1.27')]);
  const nginx = { image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' };
  images.add('node01', 'busybox');
  expect(images.list('node01')).toEqual(['docker.io/library/nginx:1.27', 'docker.io/library/busybox:latest']);
  images.remove('node01', 'nginx:1.27');
  expect(images.isPresent('node01', nginx)).toBe(false);
  expect(images.isPresent('node01', nginx)).toBe(true);
});
