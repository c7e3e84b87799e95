import { expect, test } from 'vitest';
import { digestOf, imageIdOf } from './digest.ts';

test('ids of images are told apart by their beginning, also those of one registry, and are not their digests', () => {
  const references = ['registry.k8s.io/coredns/coredns:v1.13.1', 'registry.k8s.io/kube-proxy:v1.36.2', 'nginx:1.27'];
  const ids = references.map(imageIdOf);
  expect(new Set(ids.map((id) => id.slice(0, 'sha256:'.length + 13)))).toHaveLength(3);
  expect(ids).toEqual(ids.map(() => expect.stringMatching(/^sha256:[0-9a-f]{64}$/)));
  expect(imageIdOf('nginx:1.27')).not.toBe(digestOf('nginx', '1.27'));
});
