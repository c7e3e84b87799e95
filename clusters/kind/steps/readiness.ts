import { z } from 'zod';

const Condition = z.object({ type: z.string(), status: z.string(), message: z.string().optional() });
const Waiting = z.object({ reason: z.string().optional(), message: z.string().optional() });
const ContainerStatus = z.object({ image: z.string(), state: z.object({ waiting: Waiting.optional() }).optional() });

export const Node = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ taints: z.array(z.object({ key: z.string() })).optional() }).optional(),
  status: z.object({ conditions: z.array(Condition).optional() }).optional(),
});

export const Pod = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  status: z
    .object({
      phase: z.string().optional(),
      conditions: z.array(Condition).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
    })
    .optional(),
});

/** What makes pods: a Deployment, a StatefulSet or a DaemonSet. */
export const Workload = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), generation: z.number().optional() }),
  spec: z.object({ replicas: z.number().optional() }).optional(),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      replicas: z.number().optional(),
      desiredNumberScheduled: z.number().optional(),
      currentNumberScheduled: z.number().optional(),
    })
    .optional(),
});

/** `settled`: ready or done. `stuck`: as a scenario may have meant it, or as it is for a moment while a cluster settles. */
export type Readiness =
  | { readonly state: 'settled' }
  | { readonly state: 'coming' | 'stuck'; readonly detail: string }
  | { readonly state: 'without-image'; readonly image: string; readonly detail: string };

/** Why a container waits although nothing more will come (pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go). */
const IMAGE_IS_MISSING = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];
const MAY_BE_SEEDED = ['CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** A node that has just become ready takes pods when its taint is gone (pkg/controller/nodelifecycle). */
const NOT_READY = 'node.kubernetes.io/not-ready';

export function nodeReadiness({ metadata, spec, status }: z.infer<typeof Node>): Readiness {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const isTainted = spec?.taints?.some(({ key }) => key === NOT_READY) === true;
  if (ready?.status === 'True' && !isTainted) return { state: 'settled' };
  return {
    state: 'coming',
    detail: `node ${metadata.name} is not ready: ${ready?.message ?? 'it has said nothing yet'}`,
  };
}

/** A workload whose controller has made its pods; what they are like is theirs. */
export function workloadReadiness({ metadata, spec, status = {} }: z.infer<typeof Workload>): Readiness {
  const name = `${metadata.namespace}/${metadata.name}`;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return { state: 'coming', detail: `nothing has come of ${name} yet` };
  const wanted = spec?.replicas ?? status.desiredNumberScheduled ?? 0;
  const made = status.replicas ?? status.currentNumberScheduled ?? 0;
  return made < wanted ? { state: 'stuck', detail: `${name} has ${made} of its ${wanted} pods` } : { state: 'settled' };
}

/**
 * A scenario may well seed what crashes, cannot be configured or fits no node, and that is its affair; an image that is missing is this
 * machine's. Pods that were made before their node had joined are without one for seconds, too (up to 10, scheduler/backend/queue).
 */
export function podReadiness({ metadata, status }: z.infer<typeof Pod>): Readiness {
  const { phase, conditions = [], initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return { state: 'settled' };
  const isTrue = (wanted: string) => conditions.some(({ type, status: is }) => type === wanted && is === 'True');
  if (isTrue('Ready')) return { state: 'settled' };
  const name = `${metadata.namespace}/${metadata.name}`;
  let detail = `pod ${name} is ${phase ?? 'Pending'}`;
  for (const { image, state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (IMAGE_IS_MISSING.includes(reason)) return { state: 'without-image', image, detail: `${reason}: ${message}` };
    if (MAY_BE_SEEDED.includes(reason)) return { state: 'stuck', detail: `pod ${name}: ${reason}` };
    if (reason !== '') detail = `pod ${name}: ${reason}`;
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return { state: 'stuck', detail: `pod ${name} has no node that takes it` };
  return { state: 'coming', detail };
}
