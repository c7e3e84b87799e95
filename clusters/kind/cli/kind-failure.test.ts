import { expect, test } from 'vitest';
import { kindFailure } from './kind-failure.ts';

const DOCKER_RUN = (output: string): string =>
  `Creating cluster "breachlab-a" ...
 ✓ Ensuring node image (kindest/node:v1.36.0) 🖼
 ✗ Preparing nodes 📦 📦${'  '}
ERROR: failed to create cluster: command "docker run --name breachlab-a-control-plane --hostname breachlab-a-control-plane --privileged kindest/node:v1.36.0" failed with error: exit status 125
Command Output: ${output}`;

test.each<[string, string, RegExp, RegExp]>([
  [
    'Docker that is not running',
    `ERROR: failed to create cluster: failed to list nodes: command "docker ps -a --filter label=io.x-k8s.kind.cluster=breachlab-a --format '{{.Names}}'" failed with error: exit status 1
Command Output: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?`,
    /Docker does not answer/,
    /systemctl start docker/,
  ],
  [
    'a socket that is not ours',
    `ERROR: failed to list nodes: exit status 1
Command Output: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.47/containers/json": dial unix /var/run/docker.sock: connect: permission denied`,
    /may not use Docker/,
    /usermod -aG docker/,
  ],
  [
    'a missing docker client',
    'ERROR: failed to create cluster: failed to list nodes: exec: "docker": executable file not found in $PATH',
    /docker client/,
    /docker\.io/,
  ],
  [
    'a limit on inotify, as the node says it',
    `ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"
Failed to create control group inotify object: Too many open files`,
    /inotify/,
    /fs\.inotify\.max_user_instances=512/,
  ],
  [
    'a node that does not boot, of which no more is known',
    'ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"',
    /systemd did not come up/,
    /memory.*inotify/,
  ],
  [
    'a full disk',
    DOCKER_RUN('docker: Error response from daemon: mkdir /var/lib/docker/overlay2/1: no space left on device.'),
    /disk is full/,
    /docker system prune/,
  ],
  [
    'a port that was taken in between',
    DOCKER_RUN(
      'docker: Error response from daemon: driver failed programming external connectivity on endpoint breachlab-a-control-plane: Bind for 127.0.0.1:34127 failed: port is already allocated.',
    ),
    /port 127\.0\.0\.1:34127 of this machine is taken/,
    /Try again/,
  ],
  [
    'a port that another program listens on',
    DOCKER_RUN('docker: Error response from daemon: listen tcp4 127.0.0.1:34127: bind: address already in use.'),
    /port 127\.0\.0\.1:34127 of this machine is taken/,
    /Try again/,
  ],
  [
    'a name that exists',
    'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "breachlab-a"',
    /name breachlab-a already/,
    /kind delete cluster/,
  ],
  [
    'control groups of version 1',
    'ERROR: failed to create cluster: failed to init node with kubeadm: exit status 1\n[preflight] kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported and will be removed',
    /version 1 of control groups/,
    /unified_cgroup_hierarchy/,
  ],
  [
    'a Docker without root that may not limit',
    'ERROR: failed to create cluster: running kind with rootless provider requires setting systemd property "Delegate=yes", see https://kind.sigs.k8s.io/docs/user/rootless/',
    /Docker runs without root, and may not limit/,
    /Delegate it/,
  ],
  [
    'an image that nobody has',
    'ERROR: failed to create cluster: failed to pull image "kindest/node:v1.99.0": command "docker pull kindest/node:v1.99.0" failed with error: exit status 1\nCommand Output: Error response from daemon: manifest for kindest/node:v1.99.0 not found: manifest unknown',
    /kindest\/node:v1\.99\.0 is neither here nor to be had/,
    /images load/,
  ],
  [
    'an image that is no node image',
    'ERROR: failed to create cluster: failed to get kubernetes version from node: failed to get file: command "docker exec --privileged breachlab-a-control-plane cat /kind/version" failed with error: exit status 1\nCommand Output: cat: /kind/version: No such file or directory',
    /not a node image/,
    /kindest\/node/,
  ],
  [
    'a Docker that may not do what nodes need',
    DOCKER_RUN(
      'docker: Error response from daemon: OCI runtime create failed: unable to apply caps: operation not permitted',
    ),
    /privileged/,
    /virtual machine/,
  ],
  [
    'a control plane that does not come up',
    'ERROR: failed to create cluster: failed to init node with kubeadm: command "docker exec" failed with error: exit status 1\n[kubelet-check] The kubelet is not healthy after 4m0s\nerror: timed out waiting for the condition',
    /waited in vain/,
    /doctor/,
  ],
])('%s is told with its remedy', (_, said, message, nextStep) => {
  const failure = kindFailure(said, 'make a cluster');
  expect(failure.message).toMatch(/^kind could not make a cluster: /);
  expect(failure.message).toMatch(message);
  expect(failure.nextStep).toMatch(nextStep);
});

test('what is not known is quoted, without the stack trace', () => {
  const failure = kindFailure(
    'ERROR: the moon is full\nCommand Output: howl\nStack Trace:\nmain.main\n',
    'make a cluster',
  );
  expect(failure.message).toBe('kind could not make a cluster:\nERROR: the moon is full\nCommand Output: howl');
});

test('where kind has only waited, the last words of its nodes are quoted', () => {
  const logs = Array.from({ length: 20 }, (_, i) => `kubelet: line ${i}`).join('\n');
  const { message } = kindFailure(
    'ERROR: failed to create cluster: failed to init node with kubeadm',
    'make a cluster',
    { logs },
  );
  expect(message).toContain('waited in vain');
  expect(message).toMatch(/line 19$/);
  expect(message).not.toContain('line 9');
});

test('a cause that only a node names goes before what kind has waited for', () => {
  const failure = kindFailure(
    'ERROR: failed to create cluster: could not find a log line that matches "Reached target"',
    'make a cluster',
    {
      logs: 'Failed to create control group inotify object: Too many open files',
    },
  );
  expect(failure.message).toContain('limit of this machine on inotify');
});
