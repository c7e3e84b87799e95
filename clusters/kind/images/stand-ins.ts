import { buildImage } from './build-image.ts';
import { builtImage, deriveImage, type DerivationRequest } from './derive-image.ts';
import { findImage, type FoundImage } from './docker-images.ts';
import { missingIn } from './image-tools.ts';

/** What a pod's image starts when one made of Debian's packages stands in for it. */
interface StandIn {
  /** Canonical, without its tag: whatever the version, the package is Debian's. */
  readonly repository: string;
  readonly name: string;
  readonly dockerfile: readonly string[];
  readonly package: string;
}

const PROGRAMS = '/usr/local/lib/breachlab/pods';

const STAND_INS: readonly StandIn[] = [
  {
    repository: 'docker.io/library/nginx',
    name: 'nginx',
    dockerfile: [`CMD ["${PROGRAMS}/pod-nginx"]`],
    package: 'nginx-light',
  },
  {
    repository: 'docker.io/library/postgres',
    name: 'postgres',
    dockerfile: [`CMD ["${PROGRAMS}/pod-postgres"]`],
    package: 'postgresql',
  },
  {
    repository: 'docker.io/kubernetesui/dashboard',
    name: 'dashboard',
    dockerfile: [`ENTRYPOINT ["${PROGRAMS}/pod-dashboard"]`],
    package: 'nginx-light',
  },
  { repository: 'docker.io/library/alpine', name: 'alpine', dockerfile: ['CMD ["/bin/sh"]'], package: '' },
  { repository: 'docker.io/library/busybox', name: 'busybox', dockerfile: ['CMD ["sh"]'], package: 'busybox-static' },
];

/**
 * An image that stands in for a pod's where no registry can be reached, built of Debian's packages upon the node image; undefined where
 * there is none for it, or apt reached no mirror either. Whoever uses it says so: it is not the image that the manifest names. Throws
 * `LabError` where building fails.
 */
export async function standInFor(reference: string, request: DerivationRequest): Promise<FoundImage | undefined> {
  const standIn = STAND_INS.find(
    ({ repository }) => reference === repository || reference.startsWith(`${repository}:`),
  );
  if (standIn === undefined) return undefined;
  const { engine, progress, signal } = request;
  const base = await deriveImage('pod-stand-in', request);
  if (missingIn(base).includes(standIn.package)) return undefined;
  const built = `breachlab/stand-in-${standIn.name}${base.reference.slice(base.reference.lastIndexOf(':'))}`;
  const found = await findImage(engine, built, signal);
  if (found !== undefined) return found;
  const text = [`FROM ${base.reference}`, ...standIn.dockerfile, ''].join('\n');
  const context = {
    dockerfile: 'Dockerfile',
    entries: [{ path: 'Dockerfile', mode: 0o644, content: Buffer.from(text) }],
  };
  await buildImage({ engine, context, reference: built, buildArguments: {}, labels: {}, progress, signal });
  return builtImage(engine, built, signal);
}
