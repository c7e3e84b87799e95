import type { ContainerStatus, Pod } from '../../kubernetes/model/generated/objects.ts';
import { componentOf } from '../component-of.ts';
import type { StoreEvent } from '../../kubernetes/store/cluster.ts';
import { syncTrouble } from './pod-trouble.ts';

/** A line of the kubelet, to be given its header by `klogLine`. */
export interface KubeletLine {
  readonly severity: 'I' | 'E';
  readonly place: string;
  readonly message: string;
}

/** Why a container does not run that the kubelet calls an error of its own (pkg/kubelet/kuberuntime, pkg/kubelet/images). */
const TROUBLE = [
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
];

/**
 * What the kubelet of a node writes of a change to a pod: that it has heard of it, and why a container of it does not run
 * (pkg/kubelet/kubelet.go syncLoopIteration, pkg/kubelet/pod_workers.go). Static pods are heard of as the files they come from, and
 * components tell of their trouble themselves.
 */
export function kubeletLines(node: string, event: StoreEvent): readonly KubeletLine[] {
  const pod = event.object as Pod;
  const old = event.old as Pod | undefined;
  if (pod.spec.nodeName !== node) return [];
  const isStatic = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  if (isStatic) return event.type === 'DELETED' || componentOf(pod) !== undefined ? [] : troubleLines(pod, old);
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  const loop = (what: string, place: string): KubeletLine => ({
    severity: 'I',
    place,
    message: `"SyncLoop ${what}" source="api" pods=["${name}"]`,
  });
  if (event.type === 'DELETED') return [loop('REMOVE', 'kubelet.go:2563')];
  const lines: KubeletLine[] = [];
  if (old?.spec.nodeName !== node) lines.push(loop('ADD', 'kubelet.go:2553'));
  if (pod.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
    lines.push(loop('DELETE', 'kubelet.go:2569'));
  return [...lines, ...troubleLines(pod, old)];
}

function troubleLines(pod: Pod, old: Pod | undefined): readonly KubeletLine[] {
  const lines: KubeletLine[] = [];
  const before = troubles(old);
  for (const [container, trouble] of troubles(pod)) {
    if (before.get(container)?.reason === trouble.reason) continue;
    const { name, namespace = '', uid = '' } = pod.metadata;
    lines.push({
      severity: 'E',
      place: 'pod_workers.go:1324',
      message: syncTrouble({ name, namespace, uid }, container, trouble.reason ?? '', trouble.message ?? ''),
    });
  }
  return lines;
}

type Waiting = NonNullable<NonNullable<ContainerStatus['state']>['waiting']>;

function troubles(pod: Pod | undefined): ReadonlyMap<string, Waiting> {
  const all = [...(pod?.status.initContainerStatuses ?? []), ...(pod?.status.containerStatuses ?? [])];
  return new Map(
    all.flatMap(({ name, state }) => {
      const waiting = state?.waiting;
      return waiting !== undefined && TROUBLE.includes(waiting.reason ?? '') ? [[name, waiting] as const] : [];
    }),
  );
}
