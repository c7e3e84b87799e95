import { matchesLabelSelector, type LabelSelectorValue } from '../../model/labels.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError, badRequest, notFound } from '../../status.ts';
import { writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendValue } from '../http/respond.ts';
import { remove } from '../registry/delete.ts';
import { readObject } from './body.ts';
import { writeOptions } from './options.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', type: 'io.k8s.api.policy.v1.Eviction' } as const;

/** `pods/eviction`: a deletion that asks the disruption budgets first (pkg/registry/core/pod/storage/eviction.go). */
export async function evict(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts } = exchange;
  const { registry } = parts;
  const options = writeOptions(exchange, 'CreateOptions');
  const eviction = await readObject(exchange, EVICTION, options);
  if (eviction.metadata.name !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  const asked = (eviction['deleteOptions'] ?? {}) as {
    gracePeriodSeconds?: number;
    propagationPolicy?: string;
    preconditions?: { uid?: string; resourceVersion?: string };
    dryRun?: string[];
  };
  const key = { namespace: info.namespace, name: info.name };
  const pod = registry.store.shelf(row.storagePrefix).get(`${key.namespace}/${key.name}`);
  if (!pod) throw notFound(row, info.name);
  const dryRun = (asked.dryRun?.length ?? 0) > 0 || options['dryRun'] !== undefined;
  if (!isOver(pod)) await spendBudget(exchange, pod, dryRun);
  const context = { ...writeContext(exchange, options), dryRun };
  const { preconditions, ...rest } = asked;
  await remove(registry, row, key, { ...rest, ...preconditions }, context);
  sendValue(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** A pod that has ended, waits, or goes already disturbs nobody. */
function isOver({ metadata, ...pod }: KubeObject): boolean {
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase;
  return metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending';
}

interface Budget extends KubeObject {
  spec: { selector?: LabelSelectorValue; unhealthyPodEvictionPolicy?: string };
  status?: {
    disruptionsAllowed?: number;
    desiredHealthy?: number;
    currentHealthy?: number;
    observedGeneration?: number;
    disruptedPods?: Record<string, string>;
  };
}

async function spendBudget(exchange: ResourceExchange, pod: KubeObject, dryRun: boolean): Promise<void> {
  const { registry, cluster } = exchange.parts;
  const budgets = registry.rows.byPlural('poddisruptionbudgets', 'policy');
  if (!budgets) return;
  const { namespace = '', name, labels = {} } = pod.metadata;
  const matching = (cluster.list(budgets, namespace) as readonly Budget[]).filter(({ spec }) =>
    matchesLabelSelector(spec.selector, labels),
  );
  if (matching.length === 0) return;
  if (matching.length > 1) {
    throw new ApiError(
      500,
      'InternalError',
      'Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const budget = matching[0]!;
  const status = budget.status ?? {};
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  const ready = ((pod['status'] as { conditions?: { type: string; status: string }[] }).conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  if (
    !ready &&
    (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      (currentHealthy >= desiredHealthy && desiredHealthy > 0))
  ) {
    return;
  }
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, budget, 10);
  }
  if ((status.disruptionsAllowed ?? 0) < 1) {
    throw tooMany(
      `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      budget,
    );
  }
  if (dryRun) return;
  const now = `${new Date(registry.clock.now()).toISOString().slice(0, 19)}Z`;
  await cluster.modify(
    budgets,
    { namespace, name: budget.metadata.name },
    (draft) => {
      const changed = (draft as Budget).status!;
      changed.disruptionsAllowed = (changed.disruptionsAllowed ?? 1) - 1;
      changed.disruptedPods = { ...changed.disruptedPods, [name]: now };
    },
    { subresource: 'status', fieldManager: 'kube-apiserver' },
  );
}

const tooMany = (message: string, _budget: Budget, retryAfterSeconds?: number): ApiError =>
  new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
