/** What `Object{spec: Object.spec{replicas: 1}}` and `JSONPatch{op: "add"}` become: cel-js has no messages, but it has maps. */
const TYPE = /(?<![\w.])(Object(?:\.[A-Za-z_]\w*)*|JSONPatch)\s*\{/y;
const KEY = /\s*(\?)?([A-Za-z_]\w*)\s*:/y;
const TEXT = /[rRbB]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;

/**
 * Rewrites the object literals of a mutating policy into maps (apiserver/pkg/cel/mutation). Texts inside are left as they are.
 * A field that is optional (`?field:`) holds its optional, which `fromCel` takes out. Returns undefined when braces do not match.
 */
export function withMapsForObjects(expression: string): string | undefined {
  let out = '';
  let at = 0;
  /** For each open brace whether it belongs to an object. */
  const open: boolean[] = [];
  let keyMayFollow = false;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(expression);
  };
  while (at < expression.length) {
    if (keyMayFollow) {
      const key = take(KEY);
      keyMayFollow = false;
      if (key !== null) {
        out += ` ${JSON.stringify(key[2])}:`;
        at += key[0].length;
        continue;
      }
    }
    const piece = take(TEXT);
    if (piece !== null) {
      out += piece[0];
      at += piece[0].length;
      continue;
    }
    const object = take(TYPE);
    if (object !== null) {
      out += '{';
      at += object[0].length;
      open.push(true);
      keyMayFollow = true;
      continue;
    }
    const sign = expression[at] ?? '';
    if (sign === '{' || sign === '[' || sign === '(') open.push(false);
    if (sign === '}' || sign === ']' || sign === ')') {
      if (open.pop() === undefined) return undefined;
    }
    if (sign === ',' && open.at(-1) === true) keyMayFollow = true;
    out += sign;
    at += 1;
  }
  return open.length === 0 ? out : undefined;
}
