import { LabError, type Seed } from '../../cluster.ts';
import type { FoundImage } from './docker-images.ts';
import { type DerivedImageName, IMAGE_OF_HOST } from './table.ts';

/** On an image of ours: Debian packages that could not be installed when it was built, by spaces. */
export const MISSING_LABEL = 'io.breachlab.missing';

export const missingIn = ({ labels }: Pick<FoundImage, 'labels'>): readonly string[] =>
  (labels[MISSING_LABEL] ?? '').split(' ').filter((name) => name !== '');

/** Packages without which what a scenario lays down means nothing, by the folder that says so. */
const NEEDED_BY: readonly { readonly folder: string; readonly packages: readonly string[] }[] = [
  { folder: '/etc/ssh/', packages: ['openssh-server', 'sudo'] },
  { folder: '/etc/docker/', packages: ['docker.io'] },
  { folder: '/root/.ssh/config', packages: ['openssh-client'] },
];

/** Of what an image lacks, what this seed cannot do without. */
export function neededTools(name: DerivedImageName, image: Pick<FoundImage, 'labels'>, seed: Seed): readonly string[] {
  const files = seed.files.filter(({ host }) => IMAGE_OF_HOST[host] === name);
  const needed = NEEDED_BY.filter(({ folder }) => files.some(({ path }) => path.startsWith(folder)));
  return missingIn(image).filter((lacking) => needed.some(({ packages }) => packages.includes(lacking)));
}

/** The rest of what it lacks: nice to have. */
export function optionalTools(
  name: DerivedImageName,
  image: Pick<FoundImage, 'labels'>,
  seed: Seed,
): readonly string[] {
  const needed = neededTools(name, image, seed);
  return missingIn(image).filter((lacking) => !needed.includes(lacking));
}

/** Throws `LabError` for an image that lacks what the seed cannot do without. */
export function checkTools(name: DerivedImageName, image: Pick<FoundImage, 'labels'>, seed: Seed): void {
  const needed = neededTools(name, image, seed);
  if (needed.length === 0) return;
  throw new LabError(
    `the image ${name} lacks ${needed.join(', ')}: while it was built, apt reached no mirror of Debian`,
    [
      'Build it again where apt reaches one: ./breachlab images build (APT_MIRROR=http://mirror/debian names one);',
      'or build on another machine and carry the images here: ./breachlab images save FILE there, ./breachlab images load FILE here;',
      `or name an image that has them: --image ${name}=REFERENCE.`,
    ].join(' '),
  );
}
