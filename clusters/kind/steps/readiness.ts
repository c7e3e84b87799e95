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

/** `settled`: ready, done, or in a state that waiting does not change. */
export type Readiness =
  | { readonly state: 'settled' }
  | { readonly state: 'coming'; readonly detail: string }
  | { readonly state: 'without-image'; readonly image: string; readonly detail: string };

/** Why a container waits although nothing more will come (pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go). */
const IMAGE_IS_MISSING = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];
const IS_AS_SEEDED = ['CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

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

/** A scenario may well seed what crashes or cannot be configured, and that is its affair; an image that is missing is this machine's. */
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
    if (IS_AS_SEEDED.includes(reason)) return { state: 'settled' };
    if (reason !== '') detail = `pod ${name}: ${reason}`;
  }
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return { state: 'settled' }; // nothing that was seeded will change that
  return { state: 'coming', detail };
}
