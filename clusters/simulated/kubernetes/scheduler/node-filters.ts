import type { ContainerPort, Pod } from '../model/generated/objects.ts';
import { selectsNode } from './node-selection.ts';
import { type Filter, forGood, forNow } from './rejection.ts';
import { add, amounts, NOTHING, podRequests } from './requests.ts';
import { tolerates } from './taints.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** plugins/nodeunschedulable. */
export const nodeUnschedulable: Filter = ({ spec }, { node }) =>
  node.spec?.unschedulable === true && !tolerates(spec.tolerations ?? [], CORDONED)
    ? forGood('node(s) were unschedulable')
    : undefined;

/** plugins/tainttoleration. */
export const taintToleration: Filter = ({ spec }, { node }) => {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  const isKept = taints.some((taint) => !tolerates(spec.tolerations ?? [], taint));
  return isKept ? forGood('node(s) had untolerated taint(s)') : undefined;
};

/** plugins/nodeaffinity. */
export const nodeAffinity: Filter = ({ spec }, { node }) =>
  selectsNode(spec, node) ? undefined : forGood("node(s) didn't match Pod's node affinity/selector");

/** plugins/nodeports: a port of the host is taken by protocol and address, and any address takes it on all of them. */
export const nodePorts: Filter = (pod, { pods }) => {
  const wanted = hostPorts(pod);
  const isTaken = wanted.length > 0 && pods.some((other) => hostPorts(other).some((port) => wanted.some(clash(port))));
  return isTaken ? forNow("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const hostPorts = ({ spec }: Pod): readonly ContainerPort[] =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort = 0 }) => hostPort > 0);

const ANY_ADDRESS = '0.0.0.0';
const addressOf = ({ hostIP = '' }: ContainerPort): string => (hostIP === '' ? ANY_ADDRESS : hostIP);
const clash =
  (a: ContainerPort) =>
  (b: ContainerPort): boolean =>
    a.hostPort === b.hostPort &&
    (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP') &&
    (addressOf(a) === addressOf(b) || addressOf(a) === ANY_ADDRESS || addressOf(b) === ANY_ADDRESS);

/** plugins/noderesources/fit.go: what is asked for, extended resources too; more than there ever is will not come free. */
export const nodeResourcesFit: Filter = (pod, { node, pods }) => {
  const room = amounts(node.status?.allocatable);
  const reasons: string[] = [];
  let mayYield = true;
  if (pods.length + 1 > (room.get('pods') ?? Infinity)) reasons.push('Too many pods');
  const requested = [...podRequests(pod)].filter(([, amount]) => amount > 0);
  if (requested.length > 0) {
    const used = pods.map(podRequests).reduce(add, NOTHING);
    for (const [resource, amount] of requested) {
      const there = room.get(resource) ?? 0;
      if (amount + (used.get(resource) ?? 0) <= there) continue;
      reasons.push(`Insufficient ${resource}`);
      if (amount > there) mayYield = false;
    }
  }
  return reasons.length === 0 ? undefined : { reasons, mayYield };
};
