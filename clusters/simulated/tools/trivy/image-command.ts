import { findContents, knownReferences } from '../../images/contents/find-contents.ts';
import { type Image, parseReference, tableName } from '../../images/image.ts';
import { Fatal, setting, type TrivyCall, trivyOptions } from './trivy-call.ts';
import { reportVulnerabilities, VULNERABILITY_OPTIONS } from './vulnerability-report.ts';

export const IMAGE_OPTIONS = trivyOptions(
  ...VULNERABILITY_OPTIONS,
  '--input=',
  '--image-src=',
  '--platform=',
  '--username=',
  '--password=',
);

/** `trivy image`: what is known against the software of an image of the lab's registries. */
export async function scanImage(trivy: TrivyCall, images: readonly Image[]): Promise<number> {
  if (setting(trivy, 'input') !== undefined)
    throw new Fatal('not simulated: trivy image --input; images here have no layers, so there are no archives of them');
  const [reference, ...others] = trivy.words;
  if (reference === undefined || others.length > 0) {
    throw new Fatal(
      reference === undefined
        ? 'image scan error: require at least 1 argument or --input option'
        : `multiple targets cannot be specified`,
    );
  }
  const parsed = parseReference(reference);
  if (parsed === undefined)
    throw new Fatal(`image scan error: failed to parse the image name: could not parse reference: ${reference}`);
  const found = findContents(images, reference);
  if (found.outcome === 'absent') throw new Fatal(notFound(reference));
  if (found.outcome === 'unknown')
    throw new Fatal(
      `not simulated: the packages of ${reference}; known are those of ${knownReferences(images).join(', ')}`,
    );
  return reportVulnerabilities(trivy, {
    artifact: reference,
    type: 'container_image',
    image: { repository: tableName(parsed), digest: found.digest },
    contents: found.contents,
  });
}

/** Each place where trivy looks for an image says why it has none (pkg/fanal/image/image.go). */
function notFound(reference: string): string {
  const { registry, repository, tag } = parseReference(reference) ?? { registry: '', repository: reference, tag: '' };
  const path = registry === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository;
  const remote =
    registry === 'docker.io'
      ? `GET https://index.docker.io/v2/${path}/manifests/${tag}: UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:${path} Type:repository]]`
      : `GET https://${registry}/v2/${path}/manifests/${tag}: MANIFEST_UNKNOWN: manifest unknown`;
  return (
    `run error: image scan error: scan error: unable to initialize a scan service: unable to initialize an image scan service: ` +
    `unable to find the specified image "${reference}" in ["docker" "containerd" "podman" "remote"]: 4 errors occurred:\n` +
    '\t* docker error: unable to inspect the image: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n' +
    '\t* containerd error: containerd socket not found: /run/containerd/containerd.sock\n' +
    '\t* podman error: unable to initialize Podman client: no podman socket found: stat /run/podman/podman.sock: no such file or directory\n' +
    `\t* remote error: ${remote}\n\n`
  );
}
