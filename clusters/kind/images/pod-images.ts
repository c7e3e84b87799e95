import type { Host, Manifest } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import type { ImageChoices } from './choices.ts';

/** An image that pods of a seed are made of. */
export interface PodImage {
  /** Canonical, as containerd must know it. */
  readonly reference: string;
  /** What Docker has it as, when it is another: `--image nginx:1.27=mirror/nginx:1.27`. */
  readonly from: string;
}

/** Which images the pods of these objects are made of, each once, in order. Looks into every pod template, Jobs' and CronJobs' too. */
export function podImages(manifests: readonly Manifest[], choices: ImageChoices): readonly PodImage[] {
  throw new Error(`not built yet: ${manifests.length} ${choices.pods.size}`);
}

export interface PodImagesRequest {
  readonly engine: Engine;
  readonly images: readonly PodImage[];
  readonly choices: ImageChoices;
  /** The nodes on which pods may run. */
  readonly nodes: readonly { readonly host: Host; readonly containerId: string }[];
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings a scenario's pod images onto the nodes: from Docker where it has them, else pulled by containerd (through the mirrors). Throws
 * `LabError` with the flag that mends it for an image that nobody has.
 */
export async function providePodImages(request: PodImagesRequest): Promise<void> {
  throw new Error(`not built yet: ${request.images.length}`);
}
