import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** By type, then by field; `''` describes the type. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The descriptions that cdk8s-plus carries, with their line breaks: every comment of its API names what it describes
 * (`@schema io.k8s.api.core.v1.PodSpec#os`). They are of the release in the package's name.
 */
export function cdk8sDescriptions(): Descriptions {
  const folder = dirname(fileURLToPath(import.meta.resolve('cdk8s-plus-33')));
  const source = readFileSync(join(folder, 'imports', 'k8s.d.ts'), 'utf8');
  const found: Record<string, Record<string, string>> = {};
  for (const [, body = '', type = '', field = ''] of source.matchAll(
    /\/\*\*\n((?:\s*\*(?!\/).*\n)*?)\s*\* @schema ([\w.-]+)(?:#(\S+))?\n\s*\*\//g,
  )) {
    const lines = body.split('\n').map((line) => line.replace(/^\s*\* ?/, ''));
    const text = lines
      .filter((line) => !line.startsWith('@'))
      .join('\n')
      .trim();
    if (text !== '') (found[type] ??= {})[field] ??= text;
  }
  return found;
}
