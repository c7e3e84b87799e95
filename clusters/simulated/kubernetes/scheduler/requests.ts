import type { Container, Pod } from '../model/generated/objects.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../model/quantity.ts';

/** Amounts by resource: processors in thousandths, everything else in its own unit (bytes, devices). */
export type Amounts = ReadonlyMap<string, number>;

type Quantities = Readonly<Record<string, string | number>>;

/** What a scheduler counts for a container that asks for nothing (scheduler/util/pod_resources.go). */
const MOST_LIKELY: Quantities = { cpu: '100m', memory: String(200 * 1024 * 1024) };

const amountOf = (resource: string, quantity: string | number): number => {
  const parsed = parseQuantity(String(quantity));
  return resource === 'cpu' ? quantityMilliValue(parsed) : quantityValue(parsed);
};

/** Reads quantities as they stand in an object. */
export const amounts = (quantities: Quantities | undefined): Amounts =>
  new Map(Object.entries(quantities ?? {}).map(([name, quantity]) => [name, amountOf(name, quantity)]));

/** Stored pods are frozen, one object a revision, so what each asks for is worked out once. */
const asked = new WeakMap<Pod, Amounts>();

/** What a pod asks of its node (component-helpers/resource PodRequests): sidecars run on beside what is started after them. */
export function podRequests(pod: Pod): Amounts {
  const known = asked.get(pod);
  if (known !== undefined) return known;
  const total = sumOf(pod, {});
  asked.set(pod, total);
  return total;
}

/** The same for scoring, where a container that asks for no processor and memory counts as one that asks for a little. */
export const likelyRequests = (pod: Pod): Amounts => sumOf(pod, MOST_LIKELY);

function sumOf({ spec }: Pod, unsaid: Quantities): Amounts {
  const of = ({ resources }: Container): Amounts => amounts({ ...unsaid, ...resources?.requests });
  let total = (spec.containers ?? []).map(of).reduce(add, NOTHING);
  let sidecars = NOTHING;
  let starting = NOTHING;
  for (const container of spec.initContainers ?? []) {
    const needs = add(of(container), sidecars);
    if (container.restartPolicy === 'Always') sidecars = needs;
    starting = larger(starting, needs);
  }
  total = larger(add(total, sidecars), starting);
  const ofPod = amounts(spec.resources?.requests);
  return add(new Map([...total, ...ofPod]), amounts(spec.overhead));
}

export const NOTHING: Amounts = new Map();

export const add = (a: Amounts, b: Amounts): Amounts => {
  if (a.size === 0) return b;
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, (sum.get(name) ?? 0) + amount);
  return sum;
};

const larger = (a: Amounts, b: Amounts): Amounts =>
  new Map([...a.keys(), ...b.keys()].map((name) => [name, Math.max(a.get(name) ?? 0, b.get(name) ?? 0)]));
