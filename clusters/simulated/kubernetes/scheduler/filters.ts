import type { Node, Pod } from '../model/generated/objects.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../model/quantity.ts';
import { selectsNode } from './node-selection.ts';
import { tolerates } from './taints.ts';

/** Why a pod may not go to a node, in the words that the scheduler's event counts; undefined when it may. */
export function whyNot(pod: Pod, node: Node, running: readonly Pod[]): string | undefined {
  if (node.spec?.unschedulable === true && !tolerates(pod.spec.tolerations ?? [], UNSCHEDULABLE)) {
    return 'node(s) were unschedulable';
  }
  if (!selectsNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  const untolerated = (node.spec?.taints ?? []).find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations ?? [], taint),
  );
  if (untolerated !== undefined) return 'node(s) had untolerated taint(s)';
  const active = running.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  if (hostPorts(pod).some((port) => active.some((other) => hostPorts(other).includes(port)))) {
    return "node(s) didn't have free ports for the requested pod ports";
  }
  return tooSmall(pod, node, active);
}

/** Whether that reason would go if other pods did. */
export const isMatterOfRoom = (reason: string): boolean =>
  reason.startsWith('Insufficient') || reason.startsWith('Too many') || reason.includes('free ports');

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const hostPorts = ({ spec }: Pod): string[] =>
  (spec.containers ?? []).flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined)
      .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'}/${hostPort}`),
  );

type Amounts = Readonly<Record<string, string | number>>;

const ZERO = parseQuantity('0');

const amount = (amounts: Amounts | undefined, resource: string): Quantity =>
  parseQuantity(String(amounts?.[resource] ?? '0'));

/** Sum over the containers, or the largest init container where that is more (resource helpers PodRequests). */
function requestOf({ spec }: Pod, resource: string): Quantity {
  const sum = (spec.containers ?? [])
    .map(({ resources }) => amount(resources?.requests, resource))
    .reduce(addQuantities, ZERO);
  return (spec.initContainers ?? [])
    .map(({ resources }) => amount(resources?.requests, resource))
    .reduce((most, each) => (compareQuantities(each, most) > 0 ? each : most), sum);
}

function tooSmall(pod: Pod, node: Node, running: readonly Pod[]): string | undefined {
  const allocatable = node.status?.allocatable;
  const places = allocatable?.['pods'];
  if (places !== undefined && running.length >= Number(places)) return 'Too many pods';
  for (const resource of ['cpu', 'memory', 'ephemeral-storage']) {
    const request = requestOf(pod, resource);
    if (compareQuantities(request, ZERO) === 0) continue;
    const used = running.map((other) => requestOf(other, resource)).reduce(addQuantities, request);
    if (compareQuantities(used, amount(allocatable, resource)) > 0) return `Insufficient ${resource}`;
  }
  return undefined;
}
