import type { Container, ContainerStatus } from '../model/generated/objects.ts';
import { backOff } from './back-off.ts';
import type { KubeletEvent } from './container-status.ts';

/** By reason and container: when the container was last tried to be made in vain, in milliseconds since 1970, and how often. */
export type VainTries = Map<string, { readonly at: number; readonly tries: number }>;

export interface ContainerLife {
  readonly status: ContainerStatus;
  readonly events: readonly KubeletEvent[];
  /** Milliseconds until the clock alone changes something. */
  readonly again?: number;
}

/** `reason` and `message` of `state.waiting`. */
interface Why {
  readonly reason: string;
  readonly message: string;
}

interface Trying {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Kept between calls. */
  readonly vainTries: VainTries;
  /** What is told of bringing its image, where that was not what failed. */
  readonly imageEvents: () => readonly KubeletEvent[];
}

/** How long a failed pull shows before the back-off does: until the kubelet's next look at the pod. Milliseconds. */
const PULL_ERROR_SHOWN_MS = 2000;
/** After so long the kubelet tries a pod again that it could not start (pkg/kubelet/kubelet.go backOffPeriod). Milliseconds. */
const TRY_AGAIN_MS = 10_000;
/** What an event says before it says `Failed`, where the image itself is at fault (images/image_manager.go). */
const EVENT_OF_IMAGE: Readonly<Record<string, string>> = {
  InvalidImageName: 'InspectFailed',
  ErrImageNeverPull: 'ErrImageNeverPull',
};

/** Why a container cannot start yet: it is tried again after a wait (kuberuntime/kuberuntime_container.go startContainer). */
export const held = (container: Container, was: ContainerStatus, why: Why, trying: Trying): ContainerLife =>
  why.reason === 'ErrImagePull' ? notPulled(container, was, why, trying) : notMade(container, was, why, trying);

function notMade(
  container: Container,
  was: ContainerStatus,
  why: Why,
  { now, vainTries, imageEvents }: Trying,
): ContainerLife {
  const key = `${why.reason} ${container.name}`;
  const last = vainTries.get(key);
  const left = last === undefined ? 0 : last.at + TRY_AGAIN_MS - now;
  const status = waitingFor(container, was, why);
  if (left > 0) return { status, events: [], again: left };
  vainTries.set(key, { at: now, tries: (last?.tries ?? 0) + 1 });
  const ofImage = EVENT_OF_IMAGE[why.reason];
  const events =
    ofImage === undefined
      ? [...imageEvents(), warning(container, 'Failed', `Error: ${why.message}`)]
      : [warning(container, ofImage, why.message), warning(container, 'Failed', `Error: ${why.reason}`)];
  return { status, events, again: TRY_AGAIN_MS };
}

/** After a growing wait (images/image_manager.go EnsureImageExists). */
function notPulled(container: Container, was: ContainerStatus, why: Why, { now, vainTries }: Trying): ContainerLife {
  const key = `${why.reason} ${container.name}`;
  const last = vainTries.get(key);
  if (last === undefined || now >= last.at + backOff(last.tries - 1)) {
    vainTries.set(key, { at: now, tries: (last?.tries ?? 0) + 1 });
    const events = [
      normal(container, 'Pulling', `Pulling image "${container.image}"`),
      warning(container, 'Failed', `Failed to pull image "${container.image}": ${why.message}`),
      warning(container, 'Failed', 'Error: ErrImagePull'),
    ];
    return { status: waitingFor(container, was, why), events, again: PULL_ERROR_SHOWN_MS };
  }
  const shown = last.at + PULL_ERROR_SHOWN_MS - now;
  if (shown > 0) return { status: waitingFor(container, was, why), events: [], again: shown };
  const text = `Back-off pulling image "${container.image}"`;
  const events =
    was.state?.waiting?.reason === 'ImagePullBackOff'
      ? []
      : [normal(container, 'BackOff', text), warning(container, 'Failed', 'Error: ImagePullBackOff')];
  const backedOff = { reason: 'ImagePullBackOff', message: `${text}: ErrImagePull: ${why.message}` };
  return { status: waitingFor(container, was, backedOff), events, again: last.at + backOff(last.tries - 1) - now };
}

const waitingFor = (container: Container, was: ContainerStatus, { reason, message }: Why): ContainerStatus => ({
  ...was,
  ready: false,
  started: false,
  image: container.image ?? '',
  state: { waiting: { reason, message } },
});

const normal = ({ name }: Container, reason: string, message: string): KubeletEvent => ({
  type: 'Normal',
  reason,
  message,
  container: name,
});

const warning = ({ name }: Container, reason: string, message: string): KubeletEvent => ({
  type: 'Warning',
  reason,
  message,
  container: name,
});
