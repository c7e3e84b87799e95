import { expect, test } from 'vitest';
import type { ComponentContainer } from './component.ts';
import { healthOf } from './component-health.ts';

test('a component whose container does not run refuses the question for its health', () => {
  const container = (name: string, state: string): ComponentContainer => ({ name, state }) as ComponentContainer;
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
