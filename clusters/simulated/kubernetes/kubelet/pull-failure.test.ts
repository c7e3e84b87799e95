import { expect, test } from 'vitest';
import { IMAGES } from '../../images/table.ts';
import { pullFailure } from './pull-failure.ts';

const DENIED =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';

test.each([
  [
    'a tag that its repository does not have',
    'nginx:nope',
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nope": failed to resolve image: docker.io/library/nginx:nope: not found',
  ],
  [
    'a repository that Docker Hub does not have',
    'ngnix',
    `failed to pull and unpack image "docker.io/library/ngnix:latest": failed to resolve image: ${DENIED}`,
  ],
  [
    'a repository that another public registry does not have',
    'registry.k8s.io/nope:1',
    'rpc error: code = NotFound desc = failed to pull and unpack image "registry.k8s.io/nope:1": failed to resolve image: registry.k8s.io/nope:1: not found',
  ],
  [
    'a registry whose name nobody knows',
    'registry.example.com:5000/shop/web:1.2',
    'failed to pull and unpack image "registry.example.com:5000/shop/web:1.2": failed to resolve image: failed to do request: ' +
      'Head "https://registry.example.com:5000/v2/shop/web/manifests/1.2": dial tcp: lookup registry.example.com: no such host',
  ],
  [
    'an address where nobody listens',
    '10.0.0.9/web',
    'failed to pull and unpack image "10.0.0.9/web:latest": failed to resolve image: failed to do request: ' +
      'Head "https://10.0.0.9/v2/web/manifests/latest": dial tcp 10.0.0.9:443: connect: connection refused',
  ],
  [
    'a registry of the node itself, which is asked without TLS',
    'localhost:5000/web',
    'failed to pull and unpack image "localhost:5000/web:latest": failed to resolve image: failed to do request: ' +
      'Head "http://localhost:5000/v2/web/manifests/latest": dial tcp 127.0.0.1:5000: connect: connection refused',
  ],
])('a pull fails at %s', (_what, reference, message) => {
  expect(pullFailure(IMAGES, reference)).toBe(message);
});

test('a digest is asked for as it is', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  expect(pullFailure(IMAGES, `registry.example.com/web@${digest}`)).toContain(
    `Head "https://registry.example.com/v2/web/manifests/${digest}"`,
  );
});
