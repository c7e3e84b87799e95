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

  /** Full names: `docker.io/library/nginx:1.27`. */
  list(node: string): readonly string[] {
    return [...this.#of(node)];
  }

  /** Somebody has pulled an image on a node. */
  add(node: string, image: string): void {
    this.#of(node).add(fullName(image));
  }

  /** Somebody has taken an image away from a node. */
  remove(node: string, image: string): void {
    this.#of(node).delete(fullName(image));
  }

  /** The nodes are new, and so are their disks. */
  clear(): void {
    this.#byNode.clear();
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
