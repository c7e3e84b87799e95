import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A model class of @kubernetes/client-node, which is generated from the OpenAPI document of the release it names. */
export interface ClientClass {
  /** `V1PodSpec`, `CoreV1Event`. */
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly ClientAttribute[];
}

export interface ClientAttribute {
  readonly name: string;
  /** `string`, `Array<V1Volume>`, `{ [key: string]: string; }`, `V1Affinity`, `any`, `Date`, `IntOrString`. */
  readonly type: string;
  readonly format: string;
  readonly required: boolean;
  readonly description: string;
}

const models = dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node/dist/gen/models/all.js')));

/** Every model class of a stable version (v1, v2) and the release that the package was made from, for instance `1.36`. */
export async function clientClasses(): Promise<{ release: string; classes: Map<string, ClientClass> }> {
  const all = (await import(join(models, 'all.js'))) as Record<string, unknown>;
  const classes = new Map<string, ClientClass>();
  let release = '';
  for (const [name, value] of Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!/^([A-Z][a-z]+)?V[0-9]+[A-Z]/.test(name) && name !== 'VersionInfo') continue;
    const map = (value as { attributeTypeMap?: { name: string; baseName: string; type: string; format: string }[] })
      .attributeTypeMap;
    if (map === undefined) continue;
    const source = readFileSync(join(models, `${name}.d.ts`), 'utf8');
    release ||= /spec version: release-([0-9.]+)/.exec(source)?.[1] ?? '';
    const body = source.slice(source.indexOf('export declare class'));
    classes.set(name, {
      name,
      description: comment(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export declare class/.exec(source)?.[1] ?? ''),
      attributes: map.map((attribute) => {
        const found = new RegExp(`(?:/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*)?'${attribute.name}'(\\??): `).exec(body);
        if (found === null) throw new Error(`${name}.${attribute.name} is not declared`);
        return {
          name: attribute.baseName,
          type: attribute.type,
          format: attribute.format,
          required: found[2] === '',
          description: comment(found[1] ?? ''),
        };
      }),
    });
  }
  return { release, classes };
}

/** The text of a documentation comment without stars and escapes. */
const comment = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
    .replaceAll(/\\(["'`])/g, '$1');
