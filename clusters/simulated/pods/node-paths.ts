import type { HostPathVolumeSource, Pod, Volume } from '../kubernetes/model/generated/objects.ts';
import type { NodePathKind } from '../hosts/node-path-kind.ts';
import type { PodSandboxes } from './sandbox.ts';
import type { PodSources } from './sources.ts';

/** A path of the pod's node that is mounted as a volume, and what has to lie there. */
export interface NodePath {
  readonly volume: string;
  readonly path: string;
  readonly type: string;
}

type Claims = Pick<PodSources, 'boundVolume'>;

/** The volumes of a pod that are paths of its node: hostPath, and claims that are bound to such a volume or to a local one. */
export function nodePathsOf(pod: Pod, sources: Claims): readonly NodePath[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const found = hostPathOf(pod, volume, sources);
    return found === undefined ? [] : [{ volume: volume.name, path: found.path, type: found.type ?? '' }];
  });
}

function hostPathOf(
  pod: Pod,
  { hostPath, persistentVolumeClaim }: Volume,
  sources: Claims,
): HostPathVolumeSource | undefined {
  if (hostPath !== undefined) return hostPath;
  if (persistentVolumeClaim === undefined) return undefined;
  const { spec } = sources.boundVolume(pod.metadata.namespace ?? '', persistentVolumeClaim.claimName) ?? {};
  return spec?.hostPath ?? (spec?.local === undefined ? undefined : { path: spec.local.path, type: 'Directory' });
}

/** What is made at a path where nothing is: '' is made by the container runtime when it mounts it. */
const MAKES: Readonly<Record<string, 'folder' | 'file'>> = {
  '': 'folder',
  DirectoryOrCreate: 'folder',
  FileOrCreate: 'file',
};

/** What every node has beside its kernel, where nobody can make anything. The machine of a lab may have none; kube-proxy mounts it. */
const OF_THE_KERNEL: ReadonlySet<string> = new Set(['/lib/modules', '/usr/lib/modules']);

/** What has to lie there, and the words for it when it does not (pkg/volume/hostpath/host_path.go checkTypeInternal). */
const HAS_TO_BE: Readonly<Record<string, readonly [NodePathKind, string]>> = {
  Directory: ['folder', 'directory'],
  DirectoryOrCreate: ['folder', 'directory'],
  File: ['file', 'file'],
  FileOrCreate: ['file', 'file'],
  Socket: ['socket', 'socket file'],
  CharDevice: ['character device', 'character device'],
  BlockDevice: ['block device', 'block device'],
};

/** Why a pod's paths of its node cannot be mounted, in the words of the kubelet's event; makes what its types say is to be made. */
export async function unmountedPath(
  pod: Pod,
  sources: Claims,
  nodes: Pick<PodSandboxes, 'nodePath'>,
): Promise<string | undefined> {
  for (const { volume, path, type } of nodePathsOf(pod, sources)) {
    const failed = `MountVolume.SetUp failed for volume "${volume}" : `;
    let kind: NodePathKind;
    try {
      kind = await nodes.nodePath(pod.spec.nodeName ?? '', path, OF_THE_KERNEL.has(path) ? undefined : MAKES[type]);
    } catch (error) {
      return failed + (error instanceof Error ? error.message : String(error));
    }
    const [wanted, words] = HAS_TO_BE[type] ?? [];
    if (wanted !== undefined && kind !== wanted)
      return `${failed}hostPath type check failed: ${path} is not a ${words}`;
  }
  return undefined;
}
