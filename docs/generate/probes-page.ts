import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HOST_NAMES } from '../../protocol/host.ts';
import { Origin, Probe } from '../../protocol/scenario.ts';
import { docstringOf } from './docstrings.ts';
import { type GeneratedPage, heading, listed, table } from './page.ts';

/** The part of JSON Schema that zod writes for probes. */
interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/** Every kind with the schema of its arguments. */
export function probeKinds(): readonly { readonly kind: string; readonly schema: Schema }[] {
  const { oneOf = [] } = z.toJSONSchema(Probe, { io: 'input' }) as { readonly oneOf?: readonly Schema[] };
  return oneOf.map((schema) => ({ kind: schema.properties?.['kind']?.const ?? '', schema }));
}

const INTRODUCTION = `
A probe observes one fact of a lab and never judges; the check's \`expect\`, a CEL expression over \`fact\`, does. What a probe could not
observe makes its check \`unknown\`, never \`fail\`. [scenarios.md](scenarios.md) shows a whole check. A host is one of
${listed(HOST_NAMES)}; a \`stranger\` is a machine of the internet with an address of its own that the learner has no hand on.
`;

/** docs/probes.md: the kinds of probes, their arguments from the schema and their facts from the comments of the code. */
export const PROBES_PAGE: GeneratedPage = {
  name: 'probes.md',
  text: async (project) => {
    const folder = join(project, 'grader/probes');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.includes('.test.')).sort();
    const sources = new Map<string, string>();
    for (const name of names) sources.set(name, await readFile(join(folder, name), 'utf8'));
    const sections = probeKinds().map(({ kind, schema }) => {
      const rows = Object.entries(schema.properties ?? {})
        .filter(([name]) => name !== 'kind')
        .map(([name, field]) => [`\`${name}\``, typeOf(field), defaultOf(name, field, schema)]);
      return `## ${kind}\n\n${factOf(kind, sources)}\n\n${table(['argument', '', 'default'], rows)}\n`;
    });
    const from = 'protocol/scenario.ts and the comments in grader/probes/';
    return `${heading('Probes', from)}${INTRODUCTION}\n${sections.join('').trimEnd()}\n`;
  },
};

/** The comment above the probe's function, and above the functions that it refers to. */
function factOf(kind: string, sources: ReadonlyMap<string, string>): string {
  const words = kind.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const own = docstringOf(sources.get(`${kind}.ts`) ?? '', `observe${words.join('')}`);
  if (own === undefined) throw new Error(`grader/probes/${kind}.ts: no comment above observe${words.join('')}`);
  const referred = [...own.matchAll(/see `(\w+)`/g)].flatMap(([, name = '']) => {
    const comment = [...sources.values()].map((source) => docstringOf(source, name)).find((text) => text !== undefined);
    return comment === undefined ? [] : [`\`${name}\`: ${comment}`];
  });
  return [own.replace(/(?<=.)\s+Fact: /s, '\n\nFact: '), ...referred].join('\n\n');
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) {
    if (schema.enum.join() === HOST_NAMES.join()) return 'host';
    if (schema.enum.join() === Origin.options.join()) return 'host, or `stranger`';
    return schema.enum.map((value) => `\`${value}\``).join(', ');
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (schema.properties !== undefined) {
    const names = Object.keys(schema.properties).map((name) => (schema.required?.includes(name) ? name : `${name}?`));
    return `\`{ ${names.join(', ')} }\``;
  }
  if (schema.type === 'object') return 'map';
  if (schema.type === 'string' && (schema.pattern ?? '').startsWith('^\\/')) return 'path from `/`';
  if (schema.type === 'number' && schema.maximum === 60) return 'seconds, at most 60';
  if (schema.type === 'string' && schema.minLength !== undefined && schema.minLength > 1)
    return `text of at least ${schema.minLength} characters`;
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false' }[schema.type ?? ''] ?? ''
  );
}

function defaultOf(name: string, field: Schema, of: Schema): string {
  if (field.default !== undefined) return `\`${JSON.stringify(field.default)}\``;
  return of.required?.includes(name) ? 'required' : '';
}
