import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../model/generated/objects.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../model/quantity.ts';
import { tolerates } from './taints.ts';

/** Why a pod may not go to a node, in the words that the scheduler's event counts; undefined when it may. */
export function whyNot(pod: Pod, node: Node, running: readonly Pod[]): string | undefined {
  if (node.spec?.unschedulable === true && !tolerates(pod.spec.tolerations ?? [], UNSCHEDULABLE)) {
    return 'node(s) were unschedulable';
  }
  if (!selects(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
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

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const hostPorts = ({ spec }: Pod): string[] =>
  (spec.containers ?? []).flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined)
      .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'}/${hostPort}`),
  );

function selects({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => termHolds(term, node));
}

/** component-helpers/scheduling/corev1/nodeaffinity: an empty term selects nothing. */
function termHolds({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((requirement) => requirementHolds(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => requirementHolds(requirement, node.metadata.name))
  );
}

function requirementHolds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

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
