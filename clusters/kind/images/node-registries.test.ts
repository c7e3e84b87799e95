import { expect, test } from 'vitest';
import { parseImageChoices } from './choices.ts';
import { registryFiles } from './node-registries.ts';

test("containerd is told each mirror, one below a path by its address in the registry's API", () => {
  const mirrors = ['https://m.local', 'registry.k8s.io=http://k.local:5000/proxy/'];
  expect(registryFiles(parseImageChoices({ images: [], mirrors }))).toEqual([
    {
      path: '/etc/containerd/certs.d/docker.io/hosts.toml',
      text: '[host."https://m.local"]\n  capabilities = ["pull", "resolve"]\n',
    },
    {
      path: '/etc/containerd/certs.d/registry.k8s.io/hosts.toml',
      text: '[host."http://k.local:5000/v2/proxy"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n',
    },
  ]);
});
