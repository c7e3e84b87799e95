import type { ModelType } from './model.ts';

/** generated/schema.json: type name to one line a field, as ../schema.ts reads them (flags: `o` omitempty, `z` omitzero, `r` required,
 * `x` retired). A leading `atomic` marks an atomic struct. */
export function schemaTable(types: readonly ModelType[]): string {
  const lines = types.map((type) => {
    const fields = type.fields.map((f) =>
      [
        `${f.inline ? '~' : ''}${f.name}`,
        f.kind,
        `${f.omit}${f.required ? 'r' : ''}${f.retired ? 'x' : ''}` || '-',
        f.number,
        f.patchStrategy || '-',
        f.patchMergeKey || '-',
        f.listType || '-',
        f.listMapKeys,
      ]
        .join(' ')
        .replace(/( -)+ ?$/, ''),
    );
    return `${JSON.stringify(type.name)}: ${JSON.stringify([...(type.atomic ? ['atomic'] : []), ...fields])}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** generated/descriptions.json: type name to the texts of the type (`""`) and its fields. */
export function descriptionTable(types: readonly ModelType[]): string {
  const lines = types.map((type) => {
    const texts: Record<string, string> = {};
    if (type.description !== '') texts[''] = type.description;
    for (const field of type.fields) if (field.description !== '') texts[field.name] = field.description;
    return `${JSON.stringify(type.name)}: ${JSON.stringify(texts)}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}
