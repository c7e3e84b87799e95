type Fields = Record<string, unknown>;

/**
 * The same value without fields that are null: decoding leaves them where Go would write null, and for a validator that is nothing.
 * What has none is returned as it is, uncopied.
 */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? withoutNullItems(value) : withoutNullFields(value as Fields);
}

function withoutNullItems(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = withoutNulls(items[i]);
    if (item === items[i]) continue;
    copy ??= [...items];
    copy[i] = item;
  }
  return copy ?? items;
}

function withoutNullFields(fields: Fields): Fields {
  let copy: Fields | undefined;
  for (const name in fields) {
    const field = fields[name];
    if (field === null) {
      copy ??= { ...fields };
      delete copy[name];
      continue;
    }
    const item = withoutNulls(field);
    if (item === field) continue;
    copy ??= { ...fields };
    copy[name] = item;
  }
  return copy ?? fields;
}
