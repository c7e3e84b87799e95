import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cdk8sDescriptions, type Descriptions } from './cdk8s.ts';
import { clientClasses } from './client-node.ts';
import { readFacts } from './fact-lines.ts';
import { mergeModel, type Sources } from './merge.ts';
import { objectInterfaces } from './write-objects.ts';
import { descriptionTable, schemaTable } from './write-tables.ts';

/** Every generated file by name, made from @kubernetes/client-node (a development dependency) and the committed facts. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
  const { release, classes } = await clientClasses();
  const types = mergeModel({
    classes,
    facts: new Map([...readFacts(read('kubectl.facts.txt')), ...readFacts(read('release.facts.txt'))]),
    descriptions: [
      JSON.parse(read('kubectl.descriptions.json')) as Descriptions,
      cdk8sDescriptions(),
      // Of fields that are objects, whose texts no package carries: typed in from each type's types.go of 1.36.
      JSON.parse(read('release.descriptions.json')) as Descriptions,
    ],
    listTypes: readListTypes(read('list-types.txt')),
  });
  return new Map([
    ['objects.ts', objectInterfaces(types, release)],
    ['schema.json', schemaTable(types)],
    ['descriptions.json', descriptionTable(types)],
  ]);
}

function readListTypes(text: string): Sources['listTypes'] {
  const found = new Map<string, { type: 'atomic' | 'set' | 'map'; keys: string }>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [type, field, listType, keys = ''] = line.split(' ');
    if (listType !== 'atomic' && listType !== 'set' && listType !== 'map') throw new Error(`not a list type: ${line}`);
    found.set(`${type} ${field}`, { type: listType, keys });
  }
  return found;
}
