import type { ClientClass } from './client-node.ts';
import type { TypeFacts } from './fact-lines.ts';

/** Group prefixes of ambiguous classes, as parts of OpenAPI names. */
const groupOf = (prefix: string): string => `.${prefix.toLowerCase()}.`;

/** `V1PodSpec` in three parts: group prefix (often empty), version, name. */
export function partsOf(name: string): { group: string; version: string; own: string } {
  const parts = /^([A-Z][a-z]+)?(V[0-9]+)(.+)$/.exec(name);
  return { group: parts?.[1] ?? '', version: (parts?.[2] ?? '').toLowerCase(), own: parts?.[3] ?? '' };
}

/**
 * Finds the OpenAPI name of every class: by the Go type of the same version and name, else (types newer than the Go facts) by the same
 * name in an older version of a group that has it, else by the package of the classes that refer to it.
 */
export function nameClasses(
  classes: ReadonlyMap<string, ClientClass>,
  facts: ReadonlyMap<string, TypeFacts>,
): { names: Map<string, string>; factsFor: Map<string, string> } {
  const names = new Map<string, string>([['VersionInfo', 'io.k8s.apimachinery.pkg.version.Info']]);
  const factsFor = new Map<string, string>();
  const byOwn = new Map<string, string[]>();
  for (const name of facts.keys()) {
    const own = name.slice(name.lastIndexOf('.') + 1);
    byOwn.set(own, [...(byOwn.get(own) ?? []), name]);
  }
  const older = new Map<string, string>();
  for (const name of classes.keys()) {
    const { group, version, own } = partsOf(name);
    const inGroup = (byOwn.get(own) ?? []).filter((candidate) => group === '' || candidate.includes(groupOf(group)));
    const exact = inGroup.filter((candidate) => candidate.endsWith(`.${version}.${own}`));
    if (exact.length > 1) throw new Error(`${name} may be any of ${exact.join(', ')}`);
    if (exact[0] !== undefined) names.set(name, exact[0]);
    else if (inGroup.length > 0) older.set(name, inGroup.toSorted((a, b) => b.localeCompare(a))[0] ?? '');
  }
  for (const [name, candidate] of older) {
    const { version, own } = partsOf(name);
    const prefix = candidate.slice(0, candidate.lastIndexOf('.', candidate.length - own.length - 2));
    names.set(name, `${prefix}.${version}.${own}`);
    factsFor.set(`${prefix}.${version}.${own}`, candidate);
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const owner of classes.values())
      for (const { type } of owner.attributes)
        for (const [referred] of type.matchAll(/([A-Z][a-z]+)?V[0-9]+[A-Z]\w*/g)) {
          const from = names.get(owner.name);
          if (from === undefined || names.has(referred) || !classes.has(referred)) continue;
          names.set(referred, `${from.slice(0, from.lastIndexOf('.'))}.${partsOf(referred).own}`);
          changed = true;
        }
  }
  for (const name of classes.keys()) if (!names.has(name)) throw new Error(`no package is known for ${name}`);
  return { names, factsFor };
}
