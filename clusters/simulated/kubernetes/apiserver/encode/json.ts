import type { KubeObject } from '../../object.ts';

const texts = new WeakMap<object, string>();

/** Go's encoding/json writes these escaped, so that JSON may stand in HTML. */
const ESCAPED = /[<>&\u2028\u2029]/g;

export const escapeAsGo = (text: string): string =>
  text.search(ESCAPED) < 0
    ? text
    : text.replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A JSON scalar as plain text, anything else as JSON; absent is empty. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** JSON of a value; remembered for frozen objects, which are served again and again. */
export function jsonText(value: object): string {
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = escapeAsGo(JSON.stringify(value));
  if (Object.isFrozen(value)) texts.set(value, text);
  return text;
}

/** Where a list's items share their beginning, it is worked out once (`itemsText`). */
const headOf = ({ kind, apiVersion }: KubeObject): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;

/** Lists that were served, which may be served again, and those that were. */
const served = new WeakSet<readonly KubeObject[]>();
const encoded = new WeakMap<readonly KubeObject[], Buffer>();
/** Bytes of a list that is kept for the next time; larger ones are rare and would weigh. */
const MOST_KEPT = 256 * 1024;

/**
 * `itemsText` for sending: in UTF-8 from the second time on that the same list is asked for (a shelf gives out the same one until something
 * changes), for those who poll. A list that is asked for once, as by a dump of everything, takes no memory.
 */
export function itemsForSending(objects: readonly KubeObject[], custom: boolean): Buffer | string {
  const known = encoded.get(objects);
  if (known !== undefined) return known;
  const text = itemsText(objects, custom);
  if (!Object.isFrozen(objects) || text.length > MOST_KEPT) return text;
  if (!served.has(objects)) {
    served.add(objects);
    return text;
  }
  const bytes = Buffer.from(text);
  encoded.set(objects, bytes);
  return bytes;
}

/** The items of a typed list: Go leaves kind and apiVersion to the list. The stored objects begin with them (canonical.ts). */
export function itemsText(objects: readonly KubeObject[], custom: boolean): string {
  const [first] = objects;
  if (first === undefined) return '';
  const head = headOf(first);
  let text = '';
  for (const object of objects) {
    const whole = jsonText(object);
    if (text !== '') text += ',';
    if (custom || !whole.startsWith(head)) text += whole;
    else {
      text += '{';
      text += whole.slice(head.length);
    }
  }
  return text;
}
