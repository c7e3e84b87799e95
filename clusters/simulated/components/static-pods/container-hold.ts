import type { Image } from '../../images/image.ts';
import { startOf } from '../../kubernetes/kubelet/container-start.ts';
import { type KubeletEvent, waiting } from '../../kubernetes/kubelet/container-status.ts';
import { held, type VainTries } from '../../kubernetes/kubelet/held.ts';
import { mountWait } from '../../kubernetes/kubelet/mounts.ts';
import type { Container, ContainerStatus } from '../../kubernetes/model/generated/objects.ts';
import { unmountedPath } from '../../pods/node-paths.ts';
import type { NodeFiles } from '../node/node-files.ts';
import type { StaticPod } from './static-pod-file.ts';

type Waiting = NonNullable<NonNullable<ContainerStatus['state']>['waiting']>;

export interface Hold {
  readonly waiting: Waiting;
  readonly events: readonly KubeletEvent[];
  /** Milliseconds until the kubelet tries again. */
  readonly again: number;
  /** What its journal says beside, with the place in the source. */
  readonly line?: { readonly place: string; readonly message: string };
}

/** What keeps a component's container from being made, try by try: volumes that cannot be mounted, an image that cannot be had. */
export class ContainerHold {
  readonly #pod: StaticPod;
  readonly #container: Container;
  readonly #vainTries: VainTries = new Map();
  #mounts = 0;
  #status: ContainerStatus;

  constructor(pod: StaticPod, container: Container) {
    this.#pod = pod;
    this.#container = container;
    this.#status = waiting(container, 'ContainerCreating');
  }

  /** Undefined when nothing keeps it any more. `now` in milliseconds since 1970. */
  async look(files: NodeFiles, images: readonly Image[], now: number): Promise<Hold | undefined> {
    const { pod } = this.#pod;
    const nodePath = (_node: string, path: string, make: 'folder' | 'file' | undefined) => files.kind(path, make);
    const amiss = await unmountedPath(pod, { boundVolume: () => undefined }, { nodePath });
    if (amiss !== undefined) return this.#unmounted(amiss, now);
    const start = startOf(pod, this.#container, { images, source: () => 'absent' });
    if (start.outcome === 'started') return undefined;
    const life = held(this.#container, this.#status, start, {
      now,
      vainTries: this.#vainTries,
      imageEvents: () => [],
    });
    this.#status = life.status;
    const { waiting: why = { reason: start.reason } } = life.status.state ?? {};
    return { waiting: why, events: life.events, again: life.again ?? 0 };
  }

  #unmounted(message: string, now: number): Hold {
    this.#mounts += 1;
    const again = mountWait(this.#mounts);
    const { name, uid = '' } = this.#pod.pod.metadata;
    const volume = /for volume "([^"]*)"/.exec(message)?.[1] ?? '';
    const [head, why] = message.split(/ : (.*)/s);
    const unique = `kubernetes.io/host-path/${uid}-${volume}`;
    const operation =
      `Operation for "{volumeName:${unique} podName:${uid} nodeName:}" failed. ` +
      `No retries permitted until ${new Date(now + again).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC (durationBeforeRetry ${again < 1000 ? `${again}ms` : `${again / 1000}s`}). Error: ${head} (UniqueName: "${unique}") ` +
      `pod "${name}" (UID: "${uid}") : ${why}`;
    return {
      waiting: { reason: 'ContainerCreating' },
      events: [{ type: 'Warning', reason: 'FailedMount', message }],
      again,
      line: { place: 'nestedpendingoperations.go:348', message: operation },
    };
  }
}
