/** What paths lead through. */
interface Walkable<S> {
  readonly properties?: Readonly<Record<string, S>>;
  readonly additionalProperties?: S | boolean;
}

export type Reached<S> = { readonly path: string; readonly schema: S } | { readonly failed: string };

/** Separators and what lies between them; a text in single quotes is one piece. */
const PIECES = /\.|\[|\]|'(?:[^'\\]|\\.)*'|[^.[\]]+/g;
const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Where a `fieldPath` of a rule or a `jsonPath` of a selectable field leads, or why nowhere (ValidFieldPath of
 * apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go). `path` is in the normal form of findings.
 */
export function pathProblem<S extends Walkable<S>>(text: string, root: S, brackets = true): Reached<S> {
  const pieces = text.match(PIECES) ?? [];
  let schema = root;
  let path = '';
  for (let i = 0; i < pieces.length; i++) {
    const bracket = pieces[i] === '[';
    if (!bracket && pieces[i] !== '.') return { failed: `expected [ or . but got: ${pieces[i]}` };
    if (bracket && !brackets) return { failed: 'array notation is not allowed' };
    let name = pieces[++i];
    if (name === undefined) return { failed: 'unexpected end of JSON path' };
    if (bracket) {
      if (!/^'.*'$/s.test(name)) return { failed: `expected single quoted string but got ${name}` };
      name = name.slice(1, -1).replaceAll(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);
    }
    const { properties, additionalProperties } = schema;
    if (properties) {
      const next = properties[name];
      if (next === undefined) return { failed: 'does not refer to a valid field' };
      path += `${path === '' ? '' : '.'}${name}`;
      schema = next;
    } else if (typeof additionalProperties === 'object') {
      path += `[${name}]`;
      schema = additionalProperties;
    } else return { failed: 'does not refer to a valid field' };
    if (!bracket) continue;
    const close = pieces[++i];
    if (close === undefined) return { failed: 'unexpected end of JSON path' };
    if (close !== ']') return { failed: `expected ] but got ${close}` };
  }
  return { path, schema };
}
