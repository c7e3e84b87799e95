import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSeed } from '../../../grader/scenario/seed.ts';
import { NO_CHOICES, parseImageChoices } from './choices.ts';
import { podImages } from './pod-images.ts';

const container = (image: string) => ({ name: 'c', image });

test('images are found in pods, templates, Jobs of CronJobs, lists, and init containers, each once', () => {
  const manifests = [
    { kind: 'Pod', spec: { initContainers: [container('a')], containers: [container('b:1'), container('a:latest')] } },
    { kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec: { containers: [container('c:1')] } } } } } },
    { kind: 'List', items: [{ kind: 'Pod', spec: { containers: [container('quay.io/d/e:1')] } }] },
    { kind: 'ConfigMap', data: { image: 'not:this', containers: 'nor: this' } },
  ];
  expect(podImages(manifests, NO_CHOICES)).toEqual([
    { reference: 'docker.io/library/a:latest', from: 'a:latest' },
    { reference: 'docker.io/library/b:1', from: 'b:1' },
    { reference: 'docker.io/library/c:1', from: 'c:1' },
    { reference: 'quay.io/d/e:1', from: 'quay.io/d/e:1' },
  ]);
});

test('an image that somebody named another for is taken from there', () => {
  const choices = parseImageChoices({ images: ['b:1=mirror.local/b:1'], mirrors: [] });
  expect(podImages([{ spec: { containers: [container('docker.io/library/b:1')] } }], choices)).toEqual([
    { reference: 'docker.io/library/b:1', from: 'mirror.local/b:1' },
  ]);
});

test("breach needs the shop's images and the attacker's", async () => {
  const seed = await readSeed(join(import.meta.dirname, '../../../scenarios/breach/seed'), {
    hosts: ['workstation', 'controlplane', 'node01', 'bastion', 'internet'],
  });
  expect(podImages(seed.manifests, NO_CHOICES).map(({ from }) => from)).toEqual([
    'postgres:16.4',
    'nginx:1.27',
    'kubernetesui/dashboard:v2.7.0',
    'alpine:3.20',
    'busybox:1.36',
  ]);
});
