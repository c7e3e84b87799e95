import { fullName } from '../../images/image.ts';
import type { Container, Pod } from '../model/generated/objects.ts';
import { statusesOf } from './container-status.ts';

/** Which images the nodes have: those of containers that have run there, and those that were pulled since. */
export class PresentImages {
  readonly #pods: () => readonly Pod[];
  readonly #byNode = new Map<string, Set<string>>();

  /** The pods of all nodes are asked for when a node is asked about for the first time. */
  constructor(pods: () => readonly Pod[]) {
    this.#pods = pods;
  }

  /** Whether a container is made of an image that its node has, and need not ask for (imagePullPolicy). The node has it from then on. */
  isPresent(node: string, { image = '', imagePullPolicy }: Pick<Container, 'image' | 'imagePullPolicy'>): boolean {
    const images = this.#of(node);
    const name = fullName(image);
    const isThere = images.has(name);
    images.add(name);
    return imagePullPolicy === 'Never' || (isThere && imagePullPolicy !== 'Always');
  }

  #of(node: string): Set<string> {
    const known = this.#byNode.get(node);
    if (known !== undefined) return known;
    const its = this.#pods().filter(({ spec }) => spec.nodeName === node);
    const images = new Set(
      its.flatMap(({ status }) =>
        statusesOf(status ?? {}).flatMap(({ containerID, image }) => (containerID === undefined ? [] : [image ?? ''])),
      ),
    );
    this.#byNode.set(node, images);
    return images;
  }
}
