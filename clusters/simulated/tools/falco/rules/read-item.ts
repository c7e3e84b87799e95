import { isMap, isScalar, type Node } from 'yaml';
import type { Warn } from './context.ts';
import { parsePriority, type RulesItem } from './definitions.ts';
import { exceptionsOf } from './read-exceptions.ts';
import { Item, type RulesDocument } from './yaml-items.ts';

const APPEND = "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const ENABLED =
  "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').";
const BOTH =
  "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const LIST_NAME = /^[^()"'\s=,]+$/;
const MACRO_NAME = /^[a-zA-Z]+[a-zA-Z0-9_]*$/;
/** The engine version that falco 0.43 has; rules that ask for a later one are refused. */
const ENGINE_VERSION = [0, 57, 0] as const;

const APPENDABLE = ['condition', 'output', 'desc', 'tags', 'exceptions'] as const;
const REPLACEABLE = [...APPENDABLE, 'priority', 'enabled', 'warn_evttypes', 'skip-if-unknown-filter'] as const;

/**
 * Reads one item of a rules file as upstream does (userspace/engine/rule_loader_reader.cpp). Undefined for what defines nothing. Throws
 * `LoadError`.
 */
export function readItem(document: RulesDocument, node: Node, warn: Warn): RulesItem | undefined {
  const root = document.root();
  if (!isMap(node)) {
    const bare = document.within(root, node, 'rules content item');
    throw new Item(document, node as never, bare).error(
      'Unexpected element type. Each element should be a yaml associative array.',
    );
  }
  const item = (what: string, name?: string): Item =>
    new Item(document, node, document.within(root, node, what, name ?? ''));
  if (node.has('required_engine_version')) return requireEngine(item('required_engine_version'));
  if (node.has('required_plugin_versions')) return undefined; // the container's fields are built in
  if (node.has('list')) return readList(item('list', item('list').text('list')), warn);
  if (node.has('macro')) return readMacro(item('macro', item('macro').text('macro')), warn);
  if (node.has('rule')) return readRule(item('rule', item('rule').text('rule')), warn);
  warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', item('rules content item').context);
  return undefined;
}

function requireEngine(item: Item): undefined {
  const text = item.text('required_engine_version');
  const parts = /^\d+$/.test(text) ? [0, Number(text), 0] : /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
  if (parts === undefined)
    throw item.error(`Unable to parse engine version '${text}' as a semver string. Expected "x.y.z" semver format.`);
  const [major = 0, minor = 0] = parts;
  if (major > ENGINE_VERSION[0] || minor > ENGINE_VERSION[1])
    throw item.error(
      `Rules require engine version ${parts.join('.')}, but engine version is ${ENGINE_VERSION.join('.')}`,
      item.context,
      'LOAD_ERR_VALIDATE',
    );
  return undefined;
}

function readList(item: Item, warn: Warn): RulesItem {
  const name = item.text('list');
  if (!LIST_NAME.test(name))
    throw item.error(`List has an invalid name. List names must match a regular expression: ([^()"'[:space:]=,]+)`);
  const list = { name, items: item.texts('items') };
  return { is: 'list', append: appends(item, ['items'], warn), list, context: item.context };
}

function readMacro(item: Item, warn: Warn): RulesItem {
  const name = item.text('macro');
  if (!MACRO_NAME.test(name))
    throw item.error(
      'Macro has an invalid name. Macro names must match a regular expression: ([a-zA-Z]+[a-zA-Z0-9_]*)',
    );
  const conditionContext = item.at('condition', 'macro condition', '');
  const macro = { name, condition: item.text('condition'), context: item.context, conditionContext };
  return { is: 'macro', append: appends(item, ['condition'], warn), macro };
}

/** Whether a list or macro is added to what there is of that name. */
function appends(item: Item, keys: readonly string[], warn: Warn): boolean {
  const append = item.flag('append', false);
  if (append) warn('LOAD_DEPRECATED_ITEM', APPEND, item.context);
  const overrides = overridesOf(item, keys, keys);
  if (append && overrides.size > 0) throw item.error(BOTH);
  return append || [...overrides.values()].includes('append');
}

function readRule(item: Item, warn: Warn): RulesItem {
  const name = item.text('rule');
  const append = item.flag('append', false);
  if (append) warn('LOAD_DEPRECATED_ITEM', APPEND, item.context);
  const overrides = overridesOf(item, APPENDABLE, REPLACEABLE);
  if (append && overrides.size > 0) throw item.error(BOTH);
  if (overrides.size > 0) return readOverrides(item, name, overrides, warn);
  if (append) {
    const keys = (['condition', 'exceptions'] as const).filter((key) => item.has(key));
    return { is: 'change', name, append: changeOf(item, keys, warn), replace: undefined, context: item.context };
  }
  if (!['condition', 'output', 'desc', 'priority'].some((key) => item.has(key))) {
    item.text('enabled');
    warn('LOAD_DEPRECATED_ITEM', ENABLED, item.context);
    return { is: 'enable', name, enabled: item.flag('enabled', true), context: item.context };
  }
  const condition = item.text('condition');
  const output = item.text('output').trim();
  const desc = item.text('desc');
  const source = item.has('source') ? item.text('source') : 'syscall';
  if (source !== 'syscall') warn('LOAD_UNKNOWN_SOURCE', `Unknown source ${source}, skipping`, item.context);
  return {
    is: 'rule',
    rule: {
      name,
      condition,
      output,
      desc,
      priority: priorityOf(item),
      tags: item.has('tags') ? item.texts('tags') : [],
      exceptions: exceptionsOf(item, false, warn),
      // A rule about events of another kind is never asked.
      enabled: item.flag('enabled', true) && source === 'syscall',
      skipIfUnknown: item.flag('skip-if-unknown-filter', false) || source !== 'syscall',
      context: item.context,
      conditionContext: item.at('condition', 'rule condition', ''),
      outputContext: item.at('output', 'rule output', ''),
    },
  };
}

function overridesOf(
  item: Item,
  appendable: readonly string[],
  replaceable: readonly string[],
): ReadonlyMap<string, 'append' | 'replace'> {
  const node = item.node('override');
  const overrides = new Map<string, 'append' | 'replace'>();
  if (node === undefined || !isMap(node)) return overrides;
  const parent = item.document.within(item.context, item.map, 'overrides');
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const operation = isScalar(value) ? String(value.value) : '';
    const at = item.document.within(parent, key as Node, 'overrides', name);
    const may = { append: appendable.includes(name), replace: replaceable.includes(name) };
    if (operation !== 'append' && operation !== 'replace') {
      const allowed = `${may.append ? 'append ' : ''}${may.replace ? 'replace ' : ''}`;
      throw item.error(
        `Invalid override operation for key '${name}': '${operation}'. Allowed values are: ${allowed}`,
        at,
      );
    }
    if (!may[operation])
      throw item.error(
        operation === 'append'
          ? `Key '${name}' cannot be appended to, use 'replace' instead`
          : `Key '${name}' cannot be replaced`,
        at,
      );
    overrides.set(name, operation);
  }
  return overrides;
}

function readOverrides(
  item: Item,
  name: string,
  overrides: ReadonlyMap<string, 'append' | 'replace'>,
  warn: Warn,
): RulesItem {
  const keysOf = (wanted: 'append' | 'replace'): readonly string[] =>
    [...overrides].flatMap(([key, operation]) => (operation === wanted ? [key] : []));
  for (const [key, operation] of overrides)
    if (!item.has(key))
      throw item.error(`An ${operation} override for '${key}' was specified but '${key}' is not defined`);
  const stray = REPLACEABLE.find((key) => item.has(key) && !overrides.has(key));
  if (stray !== undefined)
    throw item.error(
      `Unexpected key '${stray}': no corresponding entry under 'override' is defined.`,
      item.at(stray, 'overrides'),
    );
  const change = (keys: readonly string[]) => (keys.length === 0 ? undefined : changeOf(item, keys, warn));
  return {
    is: 'change',
    name,
    append: change(keysOf('append')),
    replace: change(keysOf('replace')),
    context: item.context,
  };
}

type Change = NonNullable<Extract<RulesItem, { is: 'change' }>['append']>;

function changeOf(item: Item, keys: readonly string[], warn: Warn): Change {
  const one = (key: string): Change => {
    switch (key) {
      case 'condition':
        return { condition: item.text(key), conditionContext: item.at(key, 'rule condition', '') };
      case 'output':
        return { output: item.text(key).trim(), outputContext: item.at(key, 'rule output', '') };
      case 'desc':
        return { desc: item.text(key) };
      case 'tags':
        return { tags: item.texts(key) };
      case 'exceptions':
        return { exceptions: exceptionsOf(item, true, warn) };
      case 'priority':
        return { priority: priorityOf(item) };
      case 'enabled':
        return { enabled: item.flag(key, true) };
      case 'skip-if-unknown-filter':
        return { skipIfUnknown: item.flag(key, false) };
      default:
        return {};
    }
  };
  return Object.assign({}, ...keys.map(one)) as Change;
}

function priorityOf(item: Item) {
  const priority = parsePriority(item.text('priority'));
  if (priority === undefined) throw item.error('Invalid priority', item.at('priority', 'rule priority', ''));
  return priority;
}
