import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Warn } from './context.ts';
import type { ExceptionValue, RuleException } from './definitions.ts';
import { Item } from './yaml-items.ts';

/** The exceptions of a rule, or those that are added to it, which need no fields. Throws `LoadError`. */
export function exceptionsOf(item: Item, isAppend: boolean, warn: Warn): readonly RuleException[] {
  const node = item.node('exceptions');
  if (node === undefined || (isScalar(node) && node.value === null)) return [];
  const parent = item.at('exceptions', 'exceptions', '');
  if (!isSeq(node)) throw item.error('Rule exceptions must be a sequence', parent);
  const found: RuleException[] = [];
  for (const one of node.items as Node[]) {
    if (!isMap(one))
      throw item.error('Rule exception must be a mapping', item.document.within(parent, one, 'exception'));
    const name = new Item(item.document, one, item.document.within(parent, one, 'exception')).text('name');
    const exception = new Item(item.document, one, item.document.within(item.context, one, 'exception', name));
    if (found.some((other) => other.name === name))
      throw exception.error('Exceptions names in the same object must be unique');
    if (!isAppend && !exception.has('fields')) throw exception.error("Item has no mapping for key 'fields'");
    if (isAppend && !exception.has('values'))
      warn('LOAD_APPEND_NO_VALUES', 'Overriding/appending exception with no values', exception.context);
    const values = exception.node('values');
    if (values !== undefined && !isSeq(values))
      throw exception.error('Rule exception values must be a sequence', exception.at('values', 'exception values', ''));
    found.push({
      name,
      fields: textOrTexts(exception, 'fields'),
      comps: textOrTexts(exception, 'comps'),
      values: (values?.items as Node[] | undefined)?.map(exceptionValue) ?? [],
      context: exception.context,
    });
  }
  return found;
}

const textOrTexts = (item: Item, key: string): string | readonly string[] | undefined =>
  !item.has(key) ? undefined : isSeq(item.node(key)) ? item.texts(key) : item.text(key);

function exceptionValue(node: Node): ExceptionValue {
  const scalar = (one: Node): string => (isScalar(one) ? (one.source ?? String(one.value)) : '');
  if (!isSeq(node)) return scalar(node);
  return (node.items as Node[]).map((one) => (isSeq(one) ? (one.items as Node[]).map(scalar) : scalar(one)));
}
