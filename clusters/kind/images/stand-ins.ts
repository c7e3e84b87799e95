import { readBuildContext } from './build-context.ts';
import { buildImage } from './build-image.ts';
import { nodeReference } from './choices.ts';
import { builtImage, deriveImage, type DerivationRequest, derivedReference } from './derive-image.ts';
import { findImage, type FoundImage } from './docker-images.ts';
import { missingIn } from './image-tools.ts';
import { familiarReference } from './reference.ts';

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
    package: 'nginx',
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
    package: 'nginx',
  },
  { repository: 'docker.io/library/alpine', name: 'alpine', dockerfile: ['CMD ["/bin/sh"]'], package: '' },
  { repository: 'docker.io/library/busybox', name: 'busybox', dockerfile: ['CMD ["sh"]'], package: 'busybox-static' },
];

/** The stand-in for a pod's image that was built before; undefined where there is none. */
export async function findStandIn(
  reference: string,
  { engine, choices, signal }: Pick<DerivationRequest, 'engine' | 'choices' | 'signal'>,
): Promise<FoundImage | undefined> {
  const standIn = standInOf(reference);
  if (standIn === undefined) return undefined;
  const node = await findImage(engine, nodeReference(choices), signal);
  if (node === undefined) return undefined;
  const base = derivedReference('pod-stand-in', await readBuildContext('pod-stand-in', undefined), node);
  return findImage(engine, nameOf(standIn, base), signal);
}

/**
 * An image that stands in for a pod's where no registry can be reached, built of Debian's packages upon the node image. Whoever uses it
 * says so: it is not the image that the manifest names. Throws `unobtainable`, which is why the image itself cannot be had, where there is
 * no stand-in for it, or apt reached no mirror either.
 */
export async function standInFor(
  reference: string,
  unobtainable: unknown,
  request: DerivationRequest,
): Promise<FoundImage> {
  const { progress, signal } = request;
  const name = familiarReference(reference);
  const built = await build(reference, request).catch((broken: unknown) => {
    signal.throwIfAborted();
    progress(`no stand-in for ${name}: ${broken instanceof Error ? broken.message : String(broken)}`);
  });
  if (built === undefined) throw unobtainable;
  progress(`${name} cannot be pulled: ${built.reference}, made of Debian's packages, stands in for it`);
  return built;
}

async function build(reference: string, request: DerivationRequest): Promise<FoundImage | undefined> {
  const standIn = standInOf(reference);
  const found = await findStandIn(reference, request);
  if (standIn === undefined || found !== undefined) return found;
  const { engine, progress, signal } = request;
  const base = await deriveImage('pod-stand-in', request);
  if (missingIn(base).includes(standIn.package)) return undefined;
  const text = [`FROM ${base.reference}`, ...standIn.dockerfile, ''].join('\n');
  const entries = [{ path: 'Dockerfile', mode: 0o644, content: Buffer.from(text) }];
  const name = nameOf(standIn, base.reference);
  const context = { dockerfile: 'Dockerfile', entries };
  await buildImage({ engine, context, reference: name, buildArguments: {}, labels: {}, progress, signal });
  return builtImage(engine, name, signal);
}

const standInOf = (reference: string): StandIn | undefined =>
  STAND_INS.find(({ repository }) => reference.startsWith(`${repository}:`));

/** Of the same tag as what it is built upon. */
const nameOf = ({ name }: StandIn, base: string): string =>
  `breachlab/stand-in-${name}${base.slice(base.lastIndexOf(':'))}`;
