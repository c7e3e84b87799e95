import { type Image, findImage, parseReference } from '../../images/image.ts';
import type { Container, Pod } from '../model/generated/objects.ts';
import { pullFailure } from './pull-failure.ts';

/** What the kubelet looks up before it starts a container. */
export interface StartContext {
  readonly images: readonly Image[];
  /** Whether a ConfigMap or Secret of the pod's namespace exists, and whether it has the key (when one is asked for). */
  readonly source: (
    kind: 'configmap' | 'secret',
    name: string,
    key: string | undefined,
  ) => 'found' | 'absent' | 'no such key';
}

/** `waits` carries the reason and message of `state.waiting`. */
export type Start =
  | { readonly outcome: 'started'; readonly image: Image }
  | { readonly outcome: 'waits'; readonly reason: string; readonly message: string };

const waits = (reason: string, message: string): Start => ({ outcome: 'waits', reason, message });

/** Whether and how a container starts: its image, what its environment refers to, whom it runs as (pkg/kubelet/kuberuntime). */
export function startOf(pod: Pod, container: Container, context: StartContext): Start {
  const reference = container.image ?? '';
  if (parseReference(reference) === undefined) {
    const message = `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": invalid reference format`;
    return waits('InvalidImageName', message);
  }
  const image = findImage(context.images, reference);
  if (container.imagePullPolicy === 'Never' && image === undefined) {
    return waits('ErrImageNeverPull', `Container image "${reference}" is not present with pull policy of Never`);
  }
  if (image === undefined) return waits('ErrImagePull', pullFailure(context.images, reference));
  return missingSource(container, context) ?? wrongUser(pod, container, image) ?? { outcome: 'started', image };
}

function missingSource(container: Container, { source }: StartContext): Start | undefined {
  const references = [
    ...(container.env ?? []).flatMap(({ valueFrom }) => [
      { kind: 'secret' as const, reference: valueFrom?.secretKeyRef },
      { kind: 'configmap' as const, reference: valueFrom?.configMapKeyRef },
    ]),
    ...(container.envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
      { kind: 'secret' as const, reference: secretRef },
      { kind: 'configmap' as const, reference: configMapRef },
    ]),
  ];
  for (const { kind, reference } of references) {
    if (reference === undefined || reference.optional === true) continue;
    const key = 'key' in reference && typeof reference.key === 'string' ? reference.key : undefined;
    const found = source(kind, reference.name ?? '', key);
    if (found === 'absent') return waits('CreateContainerConfigError', `${kind} "${reference.name}" not found`);
    if (found === 'no such key') {
      const kindName = kind === 'secret' ? 'Secret' : 'ConfigMap';
      return waits('CreateContainerConfigError', `couldn't find key ${key} in ${kindName} ${reference.name}`);
    }
  }
  return undefined;
}

/** pkg/kubelet/kuberuntime/security_context.go verifyRunAsNonRoot. */
function wrongUser(pod: Pod, container: Container, image: Image): Start | undefined {
  const runAsNonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (runAsNonRoot !== true) return undefined;
  const about = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  const runAsUser = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (runAsUser === 0)
    return waits('CreateContainerConfigError', `container's runAsUser breaks non-root policy ${about}`);
  if (runAsUser !== undefined) return undefined;
  const [user = ''] = image.user.split(':');
  if (user === '' || user === '0' || user === 'root') {
    return waits('CreateContainerConfigError', `container has runAsNonRoot and image will run as root ${about}`);
  }
  if (!/^\d+$/.test(user)) {
    const message = `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${about}`;
    return waits('CreateContainerConfigError', message);
  }
  return undefined;
}
