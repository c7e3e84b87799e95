import type { Image } from '../../images/image.ts';
import type { Container, ContainerStatus } from '../model/generated/objects.ts';
import { backOff, FIRST_BACK_OFF_MS } from './back-off.ts';
import type { KubeletEvent } from './container-status.ts';

/** By container: when its image was last pulled in vain, in milliseconds since 1970, and how often. */
export type Pulls = Map<string, { readonly at: number; readonly tries: number }>;

export interface ContainerLife {
  readonly status: ContainerStatus;
  readonly events: readonly KubeletEvent[];
  /** Milliseconds until the clock alone changes something. */
  readonly again?: number;
}

/** How long a failed pull shows before the back-off does: until the kubelet's next look at the pod. */
const PULL_ERROR_SHOWN_MS = 2000;

/** Whose text is the message itself; of others it is the reason (kuberuntime_container.go). */
const TOLD_IN_FULL = ['CreateContainerConfigError', 'CreateContainerError'];

/** Why a container cannot start yet; a failed pull is tried again after a growing wait (kubelet/images/image_manager.go). */
export function held(
  container: Container,
  was: ContainerStatus,
  { reason, message }: { reason: string; message: string },
  { now, pulls }: { readonly now: number; readonly pulls: Pulls },
): ContainerLife {
  const about = { container: container.name };
  const state = (reason: string, message: string): ContainerStatus => ({
    ...was,
    ready: false,
    started: false,
    image: container.image ?? '',
    state: { waiting: { reason, message } },
  });
  const warn = (reason: string, message: string): KubeletEvent => ({ type: 'Warning', reason, message, ...about });
  const before = was.state?.waiting?.reason;
  if (reason !== 'ErrImagePull') {
    const text = TOLD_IN_FULL.includes(reason) ? message : reason;
    const events = before === reason ? [] : [warn('Failed', `Error: ${text}`)];
    return { status: state(reason, message), events, again: FIRST_BACK_OFF_MS };
  }
  const last = pulls.get(container.name);
  if (last === undefined || now >= last.at + backOff(last.tries - 1)) {
    pulls.set(container.name, { at: now, tries: (last?.tries ?? 0) + 1 });
    const events: KubeletEvent[] = [
      { type: 'Normal', reason: 'Pulling', message: `Pulling image "${container.image}"`, ...about },
      warn('Failed', `Failed to pull image "${container.image}": ${message}`),
      warn('Failed', 'Error: ErrImagePull'),
    ];
    return { status: state('ErrImagePull', message), events, again: PULL_ERROR_SHOWN_MS };
  }
  const shown = last.at + PULL_ERROR_SHOWN_MS - now;
  if (shown > 0) return { status: state('ErrImagePull', message), events: [], again: shown };
  const text = `Back-off pulling image "${container.image}"`;
  const events: KubeletEvent[] =
    before === 'ImagePullBackOff'
      ? []
      : [{ type: 'Normal', reason: 'BackOff', message: text, ...about }, warn('Failed', 'Error: ImagePullBackOff')];
  const again = last.at + backOff(last.tries - 1) - now;
  return { status: state('ImagePullBackOff', `${text}: ErrImagePull: ${message}`), events, again };
}

/** What the lab's registries are taken to give; bytes a second. */
const RATE = 50_000_000;
/** Asking a registry whether an image is the same still; milliseconds. */
const ASKED_MS = 400;

/** The events of a pull that went well, which takes no time here and is told with the time that it might have taken (image_manager.go). */
export function pulled({ image: reference }: Container, { bytes }: Image): readonly (readonly [string, string])[] {
  const milliseconds = ASKED_MS + Math.round((bytes / RATE) * 1000);
  const took = milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
  return [
    ['Pulling', `Pulling image "${reference}"`],
    [
      'Pulled',
      `Successfully pulled image "${reference}" in ${took} (${took} including waiting). Image size: ${bytes} bytes.`,
    ],
  ];
}
