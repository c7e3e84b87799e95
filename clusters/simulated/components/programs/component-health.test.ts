import { expect, test } from 'vitest';
import type { ComponentContainer } from '../component.ts';
import { etcdProblem, healthOf } from './component-health.ts';

const container = (name: string, state: string, ...argv: string[]): ComponentContainer =>
  ({ name, state, argv }) as unknown as ComponentContainer;

const API = (...flags: string[]) => container('kube-apiserver', 'Running', ...flags);
const ETCD = container('etcd', 'Running', '--listen-client-urls=https://127.0.0.1:2379,https://10.10.0.10:2379');

test.each([
  ['the one kubeadm names', '--etcd-servers=https://127.0.0.1:2379'],
  ['another one it listens on', '--etcd-servers=https://10.10.0.10:2379'],
  ['one of several', '--etcd-servers=https://10.0.0.1:2379,https://localhost:2379'],
])('etcd is reached at %s', (_what, flag) => {
  expect(etcdProblem([API(flag), ETCD])).toBeUndefined();
});

test.each([
  ['another port', [API('--etcd-servers=https://127.0.0.1:2380'), ETCD], '127.0.0.1:2380'],
  ['plain HTTP', [API('--etcd-servers=http://127.0.0.1:2379'), ETCD], '127.0.0.1:2379'],
  ['no URL', [API('--etcd-servers=nope'), ETCD], 'nope'],
  ['no etcd', [API('--etcd-servers=https://127.0.0.1:2379'), container('etcd', 'Exited')], '127.0.0.1:2379'],
])('etcd is not reached at %s', (_what, containers, address) => {
  expect(etcdProblem(containers)).toContain(`dial tcp ${address}: connect: connection refused`);
});

test('a component whose container does not run refuses the question for its health', () => {
  const containers = [container('kube-controller-manager', 'Running'), container('kube-scheduler', 'Exited')];
  expect(healthOf(containers)).toEqual([
    { name: 'controller-manager', problem: undefined },
    {
      name: 'scheduler',
      problem: 'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused',
    },
    { name: 'etcd-0', problem: undefined },
  ]);
});
