import { expect, test } from 'vitest';
import { readStaticPod } from './static-pod-file.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - name: web
    image: nginx
`;
const hashOf = (text: string, file = '/manifests/web.yaml', node = 'node01'): string =>
  readStaticPod(file, Buffer.from(text), node).hash;

test.each([
  ['a comment', `# mine\n${POD}`],
  ['other quotes', POD.replace('image: nginx', 'image: "nginx"')],
  ['another order', POD.replace('  - name: web\n    image: nginx', '  - image: nginx\n    name: web')],
  [
    'JSON',
    JSON.stringify({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { labels: { app: 'web' }, name: 'web' },
      spec: { containers: [{ image: 'nginx', name: 'web' }] },
    }),
  ],
])('%s makes no other pod', (_what, text) => {
  expect(hashOf(text)).toBe(hashOf(POD));
});

test.each([
  ['another image', hashOf(POD.replace('nginx', 'httpd'))],
  ['another label', hashOf(POD.replace('app: web', 'app: shop'))],
  ['another file', hashOf(POD, '/manifests/other.yaml')],
  ['another node', hashOf(POD, undefined, 'controlplane')],
])('%s does', (_what, hash) => {
  expect(hash).not.toBe(hashOf(POD));
});

test('a uid of its own is its, unless it could not be part of a path', () => {
  expect(hashOf(POD.replace('name: web,', 'name: web, uid: mine-1,'))).toBe('mine-1');
  expect(hashOf(POD.replace('name: web,', 'name: web, uid: ../../etc,'))).toMatch(/^[0-9a-f]{32}$/);
});
