import { CriFailure, type CriImage, type CriRuntime } from '../daemons/crictl/cri-runtime.ts';
import { imageIdOf } from '../images/digest.ts';
import { findImage, fullName, parseReference, tableName } from '../images/image.ts';
import { IMAGES } from '../images/table.ts';
import { RELEASE } from '../kubernetes/bootstrap/release.ts';
import { imageOf } from '../kubernetes/kubelet/container-status.ts';
import type { PresentImages } from '../kubernetes/kubelet/present-images.ts';
import { pullFailure } from '../kubernetes/kubelet/pull-failure.ts';

/** That of its sandboxes, which containerd's configuration pins. */
const PAUSE = `registry.k8s.io/pause:${RELEASE.pause}`;

/** The id of an image by any of its names; Docker has the same for it. */
export function criImageId(reference: string): string {
  const parsed = parseReference(reference);
  return imageIdOf(parsed === undefined ? reference : `${tableName(parsed)}:${parsed.tag}`);
}

/** The images of a node: those that its kubelet knows it has, and the sandboxes' own. */
export function imagesOf(node: string, present: PresentImages): Pick<CriRuntime, 'images' | 'pull' | 'removeImage'> {
  return {
    images() {
      const names = new Set([PAUSE, ...present.list(node)]);
      return Promise.resolve([...names].flatMap((name) => imageNamed(name) ?? []));
    },
    pull(reference) {
      if (parseReference(reference) === undefined)
        return Promise.reject(
          new CriFailure(
            'InvalidArgument',
            `failed to parse image reference ${JSON.stringify(reference)}: invalid reference format`,
          ),
        );
      if (findImage(IMAGES, reference) === undefined) return Promise.reject(absent(reference));
      present.add(node, reference);
      return Promise.resolve(criImageId(reference));
    },
    removeImage: ({ tags, digests }) => {
      for (const name of [...tags, ...digests]) present.remove(node, name);
    },
  };
}

function imageNamed(name: string): CriImage | undefined {
  const row = findImage(IMAGES, name);
  if (row === undefined) return undefined;
  const isDigest = name.includes('@');
  return {
    id: criImageId(name),
    tags: isDigest ? [] : [fullName(name)],
    digests: [imageOf({ name: '', image: name }).imageID ?? ''],
    bytes: row.bytes,
    user: row.user,
    pinned: name === PAUSE,
  };
}

/** A registry's answer, as containerd tells it to the kubelet too. */
function absent(reference: string): CriFailure {
  const why = pullFailure(IMAGES, reference);
  const [, notFound] = /^rpc error: code = NotFound desc = (.*)$/s.exec(why) ?? [];
  return notFound === undefined ? new CriFailure('Unknown', why) : new CriFailure('NotFound', notFound);
}
