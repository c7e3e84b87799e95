import type { ComponentHealth } from '../kubernetes/apiserver/component-health.ts';
import type { ComponentContainer } from './component.ts';

/** Where the API server asks for health (pkg/controlplane/instance.go componentStatusStorage); etcd it asks as it always does. */
const ASKED = [
  { name: 'controller-manager', container: 'kube-controller-manager', port: 10_257 },
  { name: 'scheduler', container: 'kube-scheduler', port: 10_259 },
] as const;

/** What `componentstatuses` says of the containers that run. */
export const healthOf = (containers: readonly ComponentContainer[]): readonly ComponentHealth[] => [
  ...ASKED.map(({ name, container, port }) => {
    const isUp = containers.some((one) => one.name === container && one.state === 'Running');
    const address = `127.0.0.1:${port}`;
    const refused = `Get "https://${address}/healthz": dial tcp ${address}: connect: connection refused`;
    return { name, problem: isUp ? undefined : refused };
  }),
  { name: 'etcd-0', problem: undefined },
];
