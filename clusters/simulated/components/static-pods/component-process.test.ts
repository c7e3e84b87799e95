import { expect, test } from 'vitest';
import type { Pod } from '../../kubernetes/model/generated/objects.ts';
import { processOf } from './component-process.ts';

const CONTAINER = { name: 'etcd', image: 'registry.k8s.io/etcd:3.6.5-0', env: [{ name: 'ETCD_NAME', value: 'one' }] };

function shown(security: { runAsUser?: number; runAsGroup?: number } = {}) {
  const ended: number[] = [];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'etcd-controlplane' },
    spec: { nodeName: 'controlplane', containers: [CONTAINER], securityContext: security },
    status: {},
  } as unknown as Pod;
  const look = processOf(pod, CONTAINER, ['/../../etcd', '--name=one'], (exitCode) => ended.push(exitCode));
  return { look, ended };
}

test('a component is seen to run its image’s program, whatever path its manifest gives', () => {
  expect(shown().look).toMatchObject({
    program: '/usr/local/bin/etcd',
    argv: ['/../../etcd', '--name=one'],
    environment: { HOSTNAME: 'controlplane', ETCD_NAME: 'one' },
  });
});

test.each([
  [{}, undefined],
  [{ runAsUser: 0 }, undefined],
  [
    { runAsUser: 2379, runAsGroup: 2380 },
    { uid: 2379, gid: 2380, groups: [] },
  ],
  [{ runAsUser: 100_000 }, undefined],
])('its user is that of its security context: %j', (security, user) => {
  expect(shown(security).look.user).toEqual(user);
});

test.each([
  ['is killed', 137, (one: ReturnType<typeof shown>) => one.look.killed()],
  ['is asked to end', 0, (one: ReturnType<typeof shown>) => one.look.signalled([15])],
  ['shows its goroutines', 2, (one: ReturnType<typeof shown>) => one.look.signalled([3])],
  ['loses its terminal', 129, (one: ReturnType<typeof shown>) => one.look.signalled([1])],
])('a component that %s exits with %i', (_, exitCode, happen) => {
  const one = shown();
  happen(one);
  expect(one.ended).toEqual([exitCode]);
});
