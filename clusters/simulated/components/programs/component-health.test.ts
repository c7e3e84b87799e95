import { expect, test } from 'vitest';
import type { ComponentContainer } from '../component.ts';
import { etcdProblemOf, healthOf, type RunningContainer } from './component-health.ts';

const SERVES = '--listen-client-urls=https://127.0.0.1:2379,https://10.10.0.10:2379';

/** Containers that run, by name, with their flags. */
const running =
  (flags: Readonly<Record<string, readonly string[]>>): RunningContainer =>
  (name) => {
    const argv = flags[name];
    return argv && ({ name, state: 'Running', argv } as unknown as ComponentContainer);
  };

test.each([
  ['the one kubeadm names', '--etcd-servers=https://127.0.0.1:2379'],
  ['another one it listens on', '--etcd-servers=https://10.10.0.10:2379'],
  ['one of several', '--etcd-servers=https://10.0.0.1:2379,https://localhost:2379'],
])('etcd is reached at %s', (_what, flag) => {
  expect(etcdProblemOf(running({ 'kube-apiserver': [flag], etcd: [SERVES] }))()).toBeUndefined();
});

test.each([
  ['another port', '--etcd-servers=https://127.0.0.1:2380', { etcd: [SERVES] }, '127.0.0.1:2380'],
  ['plain HTTP', '--etcd-servers=http://127.0.0.1:2379', { etcd: [SERVES] }, '127.0.0.1:2379'],
  ['no URL', '--etcd-servers=nope', { etcd: [SERVES] }, 'nope'],
  ['no etcd', '--etcd-servers=https://127.0.0.1:2379', {}, '127.0.0.1:2379'],
])('etcd is not reached at %s', (_what, flag, others, address) => {
  const problem = etcdProblemOf(running({ 'kube-apiserver': [flag], ...others }))();
  expect(problem).toContain(`dial tcp ${address}: connect: connection refused`);
});

test('etcd is missed from when it ends until it listens where it is looked for', () => {
  const flags: Record<string, readonly string[]> = { 'kube-apiserver': ['--etcd-servers=https://127.0.0.1:2379'] };
  const problem = etcdProblemOf(running(flags));
  const refused = 'Get "https://127.0.0.1:2379/health": dial tcp 127.0.0.1:2379: connect: connection refused';
  expect(problem()).toBe(refused);
  flags['etcd'] = [SERVES];
  expect(problem()).toBeUndefined();
  flags['etcd'] = ['--listen-client-urls=https://127.0.0.1:2381'];
  expect(problem()).toBe(refused);
});

test('a component whose container does not run refuses the question for its health', () => {
  const health = healthOf(running({ 'kube-controller-manager': [] }));
  expect(Object.entries(health).map(([name, problem]) => [name, problem()])).toEqual([
    ['controller-manager', undefined],
    ['scheduler', 'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused'],
    ['etcd-0', undefined],
  ]);
});

test.each([
  ['another port', ['--secure-port=10260'], 'refused'],
  ['another address', ['--bind-address', '10.10.0.10'], 'refused'],
  ['every address', ['--bind-address=0.0.0.0'], 'well'],
])('one that serves at %s is asked where it always is', (_what, flags, outcome) => {
  const problem = healthOf(running({ 'kube-scheduler': flags }))['scheduler']?.();
  expect(problem === undefined ? 'well' : 'refused').toBe(outcome);
});
