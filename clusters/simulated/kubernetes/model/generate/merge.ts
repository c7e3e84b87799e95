import type { Descriptions } from './cdk8s.ts';
import type { ClientAttribute, ClientClass } from './client-node.ts';
import type { FieldFacts, TypeFacts } from './fact-lines.ts';
import type { ModelField, ModelType } from './model.ts';
import { withLineBreaks } from './line-breaks.ts';
import { nameClasses } from './names.ts';

export interface Sources {
  readonly classes: ReadonlyMap<string, ClientClass>;
  readonly facts: ReadonlyMap<string, TypeFacts>;
  /** Older copies of the texts, with line breaks, the best first; they also say what the release's package leaves out. */
  readonly descriptions: readonly Descriptions[];
  /** By `type field`, or `type -` for a whole struct. */
  readonly listTypes: ReadonlyMap<string, { type: 'atomic' | 'set' | 'map'; keys: string }>;
}

/** Types beside those of the OpenAPI document that requests and admission speak of. */
const extra =
  /^io\.k8s\.api\.(admission\.v1|imagepolicy\.v1alpha1|apidiscovery\.v2|authentication\.v1|authorization\.v1|core\.v1|policy\.v1|autoscaling\.v1)\.|^io\.k8s\.apimachinery\.pkg\.(apis\.meta\.v1|runtime)\./;

/** Classes that stand for what is a scalar here. */
const scalars: Readonly<Record<string, string>> = { V1MicroTime: 'microTime', IntOrString: 'intOrString' };

/**
 * One model from all sources: the release's property sets, required fields and texts from client-node; order, pointers, protobuf
 * numbers and patch keys from the Go types. Throws when a source names a type or field that no other knows.
 */
export function mergeModel(sources: Sources): ModelType[] {
  const classes = new Map([...sources.classes].filter(([name]) => scalars[name] === undefined));
  const { names, factsFor } = nameClasses(classes, sources.facts);
  const classOf = new Map([...names].map(([name, openApi]) => [openApi, name]));
  const rename = new Map([...factsFor].map(([newer, older]) => [older, newer]));
  const all = new Set([...names.values(), ...[...sources.facts.keys()].filter((name) => extra.test(name))]);
  // What inlined structs and the extra types refer to belongs to the model as well.
  for (const name of all)
    for (const { kind } of sources.facts.get(factsFor.get(name) ?? name)?.fields ?? []) {
      const referred = bare(kind);
      if (referred.includes('.') && !rename.has(referred)) all.add(referred);
    }
  const used = new Set<string>();
  const merged = [...all].sort().map((name): ModelType => {
    const owner = classes.get(classOf.get(name) ?? '');
    const facts = sources.facts.get(factsFor.get(name) ?? name);
    const describe = (field: string, release: string): string => {
      const copies = sources.descriptions.flatMap((one) => {
        const text = (one[name] ?? one[factsFor.get(name) ?? name])?.[field];
        return text === undefined || text === '' ? [] : [text];
      });
      return release === '' ? (copies[0] ?? '') : withLineBreaks(release, copies);
    };
    const attributes = new Map((owner?.attributes ?? []).map((a) => [a.name, a]));
    const inlined = new Set(
      (facts?.fields ?? []).filter((f) => f.inline).flatMap((f) => flatNames(sources.facts, bare(f.kind))),
    );
    const known = facts?.fields ?? [];
    const fresh = [...attributes.values()].filter((a) => !inlined.has(a.name) && !known.some((f) => f.name === a.name));
    const fields = [...known, ...fresh.map((a) => factsFromClass(a, names))].map((f): ModelField => {
      const attribute = attributes.get(f.name);
      const explicit = sources.listTypes.get(`${name} ${f.name}`);
      if (explicit !== undefined) used.add(`${name} ${f.name}`);
      const implied = impliedListType(f);
      return {
        ...f,
        kind: f.kind.replace(bare(f.kind), rename.get(bare(f.kind)) ?? bare(f.kind)),
        required: attribute?.required ?? (owner === undefined && f.omit === '' && !f.inline),
        // A field of the Go types' release that this release's document no longer has.
        retired: !f.inline && owner !== undefined && attribute === undefined,
        listType: explicit?.type ?? implied.type,
        listMapKeys: explicit?.keys ?? implied.keys,
        description: f.inline ? '' : describe(f.name, attribute?.description ?? ''),
      };
    });
    if (facts === undefined && owner === undefined) throw new Error(`nothing is known of ${name}`);
    const atomic = sources.listTypes.has(`${name} -`);
    if (atomic) used.add(`${name} -`);
    return { name, description: describe('', owner?.description ?? ''), atomic, fields };
  });
  for (const key of sources.listTypes.keys())
    if (!used.has(key)) throw new Error(`list-types.txt names ${key}, which is no field`);
  return merged;
}

/** The type or scalar within a kind: `*[]a.b.C<v1.C>` is `a.b.C`. */
export const bare = (kind: string): string => kind.replace(/^(\*|\[\]|\{\}|\(\))+/, '').replace(/<.*>$/, '');

const flatNames = (facts: ReadonlyMap<string, TypeFacts>, type: string): string[] =>
  (facts.get(type)?.fields ?? []).flatMap((f) => (f.inline ? flatNames(facts, bare(f.kind)) : [f.name]));

/** kube-openapi/pkg/schemaconv: a list to be merged is a map by its key, or a set. */
function impliedListType({ kind, patchStrategy, patchMergeKey }: FieldFacts): {
  type: '' | 'map' | 'set';
  keys: string;
} {
  if (!/^(\[\]|\(\))/.test(kind) || !patchStrategy.split(',').includes('merge')) return { type: '', keys: '' };
  return patchMergeKey === '' ? { type: 'set', keys: '' } : { type: 'map', keys: patchMergeKey };
}

/** Facts of a field that is newer than the Go types. */
function factsFromClass(attribute: ClientAttribute, names: ReadonlyMap<string, string>): FieldFacts {
  const { type, format } = attribute;
  const element = type.replace(/^Array<(.*)>$/, '$1').replace(/^\{ \[key: string\]: (.*); \}$/, '$1');
  const container = element === type ? '' : type.startsWith('Array') ? '[]' : '{}';
  const plain: Readonly<Record<string, string>> = {
    string: format === 'byte' ? 'bytes' : 'string',
    boolean: 'bool',
    number: format === 'int32' || format === 'int64' ? format : 'double',
    Date: 'time',
    any: 'rawExtension',
    ...scalars,
  };
  const kind = plain[element] ?? names.get(element);
  if (kind === undefined) throw new Error(`type ${type} of ${attribute.name} is not known`);
  const pointer = container === '' && !attribute.required && kind.includes('.') ? '*' : '';
  return {
    name: attribute.name,
    inline: false,
    kind: `${pointer}${container}${kind}`,
    omit: attribute.required ? '' : 'o',
    number: 0,
    patchStrategy: '',
    patchMergeKey: '',
  };
}
