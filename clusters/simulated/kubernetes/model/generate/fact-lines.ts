/**
 * The form in which facts about Go types are kept in this folder's `*.facts.txt` files, one type a paragraph:
 *
 *     io.k8s.api.core.v1.Volume
 *       name string - 1
 *       ~volumeSource io.k8s.api.core.v1.VolumeSource - 2
 *       ports []io.k8s.api.core.v1.ContainerPort o 6 merge containerPort
 *
 * A field has its JSON name (`~` before a struct that JSON inlines and protobuf nests), its kind, flags (`o` omitempty, `z` omitzero),
 * protobuf number (0: none), patch strategy and merge key. A kind is a scalar of `Scalar` in ../schema.ts or a type's name, after `*` for
 * a pointer, `[]` for a list, `{}` for a map with string keys, `()` for a list that is a message of its own in protobuf; a Go name
 * that error texts use follows in angle brackets.
 */
export interface TypeFacts {
  readonly name: string;
  readonly fields: readonly FieldFacts[];
}

export interface FieldFacts {
  readonly name: string;
  readonly inline: boolean;
  readonly kind: string;
  readonly omit: '' | 'o' | 'z';
  readonly number: number;
  readonly patchStrategy: string;
  readonly patchMergeKey: string;
}

export const writeFacts = (types: readonly TypeFacts[]): string =>
  types
    .map(({ name, fields }) =>
      [
        name,
        ...fields.map((f) =>
          `  ${f.inline ? '~' : ''}${f.name} ${f.kind} ${f.omit || '-'} ${f.number} ${f.patchStrategy} ${f.patchMergeKey}`.trimEnd(),
        ),
      ].join('\n'),
    )
    .join('\n\n') + '\n';

/** Reads what `writeFacts` writes; lines that begin with `#` are remarks. Throws for a line that is neither type nor field. */
export function readFacts(text: string): Map<string, TypeFacts> {
  const types = new Map<string, { name: string; fields: FieldFacts[] }>();
  let current: { name: string; fields: FieldFacts[] } | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      current = { name: line, fields: [] };
      types.set(line, current);
      continue;
    }
    const [name = '', kind = '', omit = '', number = '', patchStrategy = '', patchMergeKey = ''] = line
      .trim()
      .split(' ');
    if (current === undefined || !/^[-oz]$/.test(omit) || !/^\d+$/.test(number)) throw new Error(`not a fact: ${line}`);
    current.fields.push({
      name: name.replace('~', ''),
      inline: name.startsWith('~'),
      kind,
      omit: omit === 'o' || omit === 'z' ? omit : '',
      number: Number(number),
      patchStrategy,
      patchMergeKey,
    });
  }
  return types;
}
