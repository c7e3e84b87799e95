import { z } from 'zod';

const LockedPackage = z.looseObject({
  license: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/** package-lock.json, version 3: packages by where npm puts them, `node_modules/a/node_modules/b`. */
export const LockFile = z.looseObject({ packages: z.record(z.string(), LockedPackage) });
export type LockFile = z.infer<typeof LockFile>;

export interface InstalledPackage {
  /** `node_modules/a/node_modules/b` */
  readonly place: string;
  /** `b` */
  readonly name: string;
  readonly license: string | undefined;
}

/** Those packages and everything they need, each where Node would find it. Unmet peers and optional ones are left out. */
export function closure({ packages }: LockFile, roots: readonly string[]): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (name: string, from: string): void => {
    const place = resolve(packages, name, from);
    const locked = place === undefined ? undefined : packages[place];
    if (place === undefined || locked === undefined || found.has(place)) return;
    found.set(place, { place, name, license: locked.license });
    const needs = { ...locked.dependencies, ...locked.optionalDependencies, ...locked.peerDependencies };
    for (const need of Object.keys(needs)) visit(need, place);
  };
  for (const root of roots) visit(root, '');
  return [...found.values()];
}

/** Looks beside the package, then outwards (nodejs.org/api/modules.html, loading from node_modules folders). */
function resolve(packages: LockFile['packages'], name: string, from: string): string | undefined {
  let folder = from;
  for (;;) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
}
