import { expect, test } from 'vitest';
import { kindEnvironment } from './kind-environment.ts';

test('kind and its docker client speak to our Docker, whatever a user’s contexts and variables say', () => {
  const env = {
    PATH: '/usr/bin',
    HOME: '/home/ada',
    HTTPS_PROXY: 'http://proxy:3128',
    DOCKER_CONFIG: '/home/ada/.docker',
    DOCKER_HOST: 'tcp://elsewhere:2375',
    DOCKER_CONTEXT: 'elsewhere',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_DEFAULT_PLATFORM: 'linux/arm64',
    DOCKER_API_VERSION: '1.40',
    KIND_EXPERIMENTAL_PROVIDER: 'podman',
    KIND_CLUSTER_NAME: 'mine',
    KUBECONFIG: '/home/ada/.kube/work',
  };
  expect(kindEnvironment({ env, socketPath: '/run/lab.sock' })).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/ada',
    HTTPS_PROXY: 'http://proxy:3128',
    DOCKER_CONFIG: '/home/ada/.docker',
    DOCKER_HOST: 'unix:///run/lab.sock',
  });
});
