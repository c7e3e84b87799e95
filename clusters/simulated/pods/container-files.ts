import { posix } from 'node:path';
import type { Image } from '../images/image.ts';
import type { ContainerFiles } from '../images/models/model.ts';
import type { Container, Pod, Volume } from '../kubernetes/model/generated/objects.ts';
import { refuses } from '../tools/apparmor/decide.ts';
import type { Profile } from '../tools/apparmor/profile.ts';
import type { ContainerProcess } from './sandbox.ts';
import type { PodSources } from './sources.ts';
import { payloadOf } from './volumes.ts';

const MAX_FILE = 2 ** 20;

const READ_ONLY = '30: Read-only file system';
const DENIED = '13: Permission denied';

export interface FilesOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly sources: PodSources;
  /** The sandbox of the container if it has one by now. */
  readonly present: () => Promise<ContainerProcess | undefined>;
  /** The same, made if it has none yet; undefined where there can be none. */
  readonly made: () => Promise<ContainerProcess | undefined>;
  /** The AppArmor profile that its node holds it to; undefined for none. */
  readonly profile: () => Promise<Profile | undefined>;
}

const TO_WRITE = 2;

/**
 * The files of a container with a modelled program: those of its sandbox once it has one, until then the image's own and the
 * volumes that the kubelet writes. Volumes that others write to need the sandbox.
 */
export function containerFiles({
  pod,
  container,
  image,
  sources,
  present,
  made,
  profile,
}: FilesOptions): ContainerFiles {
  const mounts = (container.volumeMounts ?? [])
    .map((mount) => ({ ...mount, mountPath: posix.resolve('/', mount.mountPath) }))
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
  const mountOf = (path: string): (typeof mounts)[number] | undefined =>
    mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));

  /** A path as one of a volume's; undefined when it lies in the image. */
  function placeOf(path: string): { volume: Volume; within: string } | undefined {
    const mount = mountOf(path);
    const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
    if (mount === undefined || volume === undefined) return undefined;
    return {
      volume,
      within: posix.resolve('/', mount.subPath ?? '', `.${path.slice(mount.mountPath.length)}`).slice(1),
    };
  }

  const refusesWriting = async (path: string): Promise<boolean> => {
    const held = await profile();
    return held !== undefined && refuses(held.files, posix.resolve('/', path), TO_WRITE);
  };

  /** What the kubelet wrote to a volume; undefined when it is one that containers write to. */
  const keptFiles = (volume: Volume) => payloadOf(pod, volume, sources).catch(() => undefined);

  return {
    async read(asked) {
      const path = posix.resolve('/', asked);
      const real = await present();
      if (real !== undefined) return real.readFile(path, MAX_FILE);
      const place = placeOf(path);
      if (place === undefined) {
        const text = image.files?.[path];
        return text === undefined ? undefined : Buffer.from(text);
      }
      const kept = await keptFiles(place.volume);
      if (kept !== undefined) return kept.get(place.within)?.data;
      return (await made())?.readFile(path, MAX_FILE);
    },
    async list(asked) {
      const folder = posix.resolve('/', asked);
      const real = await present();
      if (real !== undefined)
        return (await real.listFolder(folder))?.filter((name) => !name.startsWith('..')).sort() ?? [];
      const place = placeOf(folder);
      const under = (paths: Iterable<string>, top: string): string[] => {
        const below = [...paths].filter((path) => path.startsWith(top)).map((path) => path.slice(top.length));
        return [...new Set(below.map((path) => path.split('/')[0] ?? ''))].sort();
      };
      if (place === undefined) {
        const own = under(Object.keys(image.files ?? {}), `${folder}/`);
        // A single file may be mounted into a folder of the image's (subPath).
        return [
          ...new Set([
            ...own,
            ...under(
              mounts.map(({ mountPath }) => mountPath),
              `${folder}/`,
            ),
          ]),
        ].sort();
      }
      const kept = await keptFiles(place.volume);
      if (kept !== undefined) return under(kept.keys(), place.within === '' ? '' : `${place.within}/`);
      return (await (await made())?.listFolder(folder)) ?? [];
    },
    async refusal(path, uid) {
      const mount = mountOf(posix.resolve('/', path)) ?? mountOf(posix.resolve('/var', `.${path}`));
      const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
      if (volume === undefined) {
        if (container.securityContext?.readOnlyRootFilesystem === true) return READ_ONLY;
        return uid !== 0 || (await refusesWriting(path)) ? DENIED : undefined;
      }
      const isKept = ['configMap', 'secret', 'projected', 'downwardAPI'].some((kind) => kind in volume);
      if (mount?.readOnly === true || isKept) return READ_ONLY;
      return (await refusesWriting(path)) ? DENIED : undefined;
    },
  };
}
