import type { NodeFiles } from '../node/node-files.ts';
import type { StaticPod } from './static-pod-file.ts';

interface PodSpec {
  readonly containers?: readonly { readonly name: string; readonly volumeMounts?: readonly VolumeMount[] }[];
  readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
}

interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

/** Where a path of a container lies on its node, and whether it may be written there. */
export interface NodePath {
  readonly path: string;
  readonly readOnly: boolean;
}

/**
 * Finds what a static pod's first container sees at a path: the deepest mount decides (https://kubernetes.io/docs/concepts/storage/volumes/).
 * Undefined for what no hostPath volume shows, which is in the container's own layer, where an image of the control plane has no file.
 */
export function nodePathOf({ object, container }: StaticPod, path: string): NodePath | undefined {
  const { containers = [], volumes = [] } = object['spec'] as PodSpec;
  const mounts = containers.find(({ name }) => name === container)?.volumeMounts ?? [];
  const [deepest] = mounts
    .filter(({ mountPath }) => isWithin(path, mountPath))
    .toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  const source = volumes.find(({ name }) => name === deepest?.name)?.hostPath?.path;
  if (deepest === undefined || source === undefined) return undefined;
  const parts = [source, deepest.subPath ?? '', path.slice(bare(deepest.mountPath).length)];
  return {
    path: parts
      .join('/')
      .replaceAll(/\/{2,}/g, '/')
      .replace(/(?<=.)\/$/, ''),
    readOnly: deepest.readOnly ?? false,
  };
}

/**
 * The node's files as a component's container sees them. `podOf` is asked at each access; without a pod there is nothing to see.
 * What is written where nothing is mounted goes down with its container.
 */
export function mountedFiles(node: NodeFiles, podOf: () => StaticPod | undefined): Pick<NodeFiles, 'read' | 'log'> {
  const at = (path: string): NodePath | undefined => {
    const pod = podOf();
    return pod && nodePathOf(pod, path);
  };
  const writable = (path: string): string | undefined => {
    const found = at(path);
    if (found?.readOnly === true) throw new Error(`open ${path}: read-only file system`);
    return found?.path;
  };
  const { log } = node;
  return {
    async read(path) {
      const found = at(path);
      return found && node.read(found.path);
    },
    log: {
      async append(path, text) {
        const found = writable(path);
        if (found !== undefined) await log.append(found, text);
      },
      async size(path) {
        const found = at(path);
        return found && log.size(found.path);
      },
      async rename(from, to) {
        const [old, name] = [writable(from), writable(to)];
        if (old !== undefined && name !== undefined) await log.rename(old, name);
      },
      async remove(path) {
        const found = writable(path);
        if (found !== undefined) await log.remove(found);
      },
      async list(folder) {
        const found = at(folder);
        return found === undefined ? [] : log.list(found.path);
      },
    },
  };
}

const bare = (folder: string): string => folder.replace(/\/+$/, '');

const isWithin = (path: string, folder: string): boolean =>
  path === bare(folder) || path.startsWith(`${bare(folder)}/`);
