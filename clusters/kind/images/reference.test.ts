import { describe, expect, test } from 'vitest';
import { canonicalReference, familiarReference, registryOf } from './reference.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

describe('a reference', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['kindest/node:v1.36.4', 'docker.io/kindest/node:v1.36.4'],
    [`kindest/node:v1.36.4@${DIGEST}`, `docker.io/kindest/node:v1.36.4@${DIGEST}`],
    [`kindest/node@${DIGEST}`, `docker.io/kindest/node@${DIGEST}`],
    ['index.docker.io/library/nginx:1', 'docker.io/library/nginx:1'],
    ['localhost/a', 'localhost/a:latest'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ])('%s is %s in full', (text, canonical) => {
    expect(canonicalReference(text)).toBe(canonical);
    expect(canonicalReference(canonical)).toBe(canonical);
  });

  test.each(['', 'Nginx', 'a b', 'nginx:', 'a//b', 'a@sha256:12', '-a', 'a'.repeat(600)])('is not %j', (text) => {
    expect(canonicalReference(text)).toBeUndefined();
  });

  test('is known by its registry, and short where people write it short', () => {
    expect(registryOf('localhost:5000/a:1')).toBe('localhost:5000');
    expect(familiarReference('docker.io/library/nginx:1')).toBe('nginx:1');
    expect(familiarReference('docker.io/kindest/node:1')).toBe('kindest/node:1');
    expect(familiarReference('registry.k8s.io/pause:3')).toBe('registry.k8s.io/pause:3');
  });
});
