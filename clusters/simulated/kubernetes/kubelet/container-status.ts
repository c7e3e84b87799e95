import { digestOf } from '../../images/digest.ts';
import { fullName, parseReference, tableName } from '../../images/image.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../model/generated/objects.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface KubeletEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Undefined for what concerns the whole pod. */
  readonly container?: string;
}

/** RFC 3339 in whole seconds. */
export const stamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** A container that has not run yet. */
export const waiting = (container: Pick<Container, 'name' | 'image'>, reason: string): ContainerStatus => ({
  name: container.name,
  ready: false,
  started: false,
  restartCount: 0,
  image: container.image ?? '',
  imageID: '',
  lastState: {},
  state: { waiting: { reason } },
});

/** The statuses of all kinds of containers. */
export const statusesOf = (status: PodStatus): readonly ContainerStatus[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
  ...(status.ephemeralContainerStatuses ?? []),
];

/** The container of any kind with that name; an ephemeral one has the fields of any other that matter to a kubelet. */
export function containerOf({ spec }: Pod, name: string): Container | undefined {
  const all = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as Container[]),
  ];
  return all.find((one) => one.name === name);
}

/** How a started container's status spells its image. */
export function imageOf({ image: reference = '' }: Container): Pick<ContainerStatus, 'image' | 'imageID'> {
  const image = fullName(reference);
  const parsed = parseReference(reference);
  const digest =
    parsed?.digest ?? (parsed === undefined ? digestOf(reference, '') : digestOf(tableName(parsed), parsed.tag));
  return { image, imageID: `${image.replace(/(:[^:/]+|@.*)$/, '')}@${digest}` };
}
