import { compileCondition, type Check, eventTypes } from '../condition/compile.ts';
import { type Condition, ConditionError } from '../condition/syntax.ts';
import { FormatError, type OutputFormat, parseOutput } from '../output-format.ts';
import { LoadError, type LoadResult, type LoadWarning, type Warn } from './context.ts';
import type { ListDefinition, MacroDefinition, RuleDefinition, RuleException, RulesItem } from './definitions.ts';
import { readItem } from './read-item.ts';
import {
  conditionContext,
  readCondition,
  resolvedLists,
  resolvedMacros,
  withExceptions,
  withMacros,
} from './resolve.ts';
import { RulesDocument } from './yaml-items.ts';

/** A rule that is ready to judge events. */
export interface Rule extends Pick<RuleDefinition, 'name' | 'desc' | 'priority' | 'tags' | 'enabled'> {
  readonly holds: Check;
  readonly output: OutputFormat;
  /** Names of events that it asks for; empty when it asks for none by name. */
  readonly events: readonly string[];
}

/** More rules, macros and lists than anybody's. */
const MOST_ITEMS = 5000;

/** What is added to the outputs of rules: all of them, or those of one name or with these tags. */
export interface ExtraOutput {
  readonly format: string;
  readonly rule: string | undefined;
  readonly tags: readonly string[];
}

/**
 * Definitions of one file of rules after the other: later ones replace, add to, or switch earlier ones (userspace/engine/
 * rule_loader_collector.cpp). After each file everything is compiled anew, so that an error is told with the file that it came with.
 */
export class RuleBook {
  readonly #extra: readonly ExtraOutput[];
  readonly #lists = new Map<string, ListDefinition>();
  readonly #macros = new Map<string, MacroDefinition & { readonly index: number; readonly visibility: number }>();
  readonly #rules = new Map<string, RuleDefinition>();
  #count = 0;
  #compiled: readonly Rule[] = [];

  constructor(extra: readonly ExtraOutput[] = []) {
    this.#extra = extra;
  }

  /** In the order in which they are tried. */
  get rules(): readonly Rule[] {
    return this.#compiled;
  }

  load(name: string, text: string): LoadResult {
    const warnings: LoadWarning[] = [];
    const warn: Warn = (code, message, context) => void warnings.push({ code, message, context });
    try {
      const document = new RulesDocument(name, text);
      for (const node of document.items()) {
        const item = readItem(document, node, warn);
        if (++this.#count > MOST_ITEMS)
          throw new LoadError('LOAD_ERR_VALIDATE', `not simulated: more than ${MOST_ITEMS} items`, document.root());
        if (item !== undefined) this.#add(item);
      }
      this.#compile(warn);
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      return { name, error, warnings };
    }
    return { name, error: undefined, warnings };
  }

  #add(item: RulesItem): void {
    const refuse = (message: string, context: LoadWarning['context']): LoadError =>
      new LoadError('LOAD_ERR_VALIDATE', message, context);
    switch (item.is) {
      case 'list': {
        const before = this.#lists.get(item.list.name);
        if (item.append && before === undefined)
          throw refuse(
            "List uses 'append' or 'override.items: append' but no list by that name already exists",
            item.context,
          );
        const items = item.append ? [...(before?.items ?? []), ...item.list.items] : item.list.items;
        this.#lists.set(item.list.name, { name: item.list.name, items });
        return;
      }
      case 'macro': {
        const before = this.#macros.get(item.macro.name);
        if (item.append && before === undefined)
          throw refuse(
            "Macro uses 'append' or 'override.condition: append' but no macro by that name already exists",
            item.macro.context,
          );
        const changed =
          item.append && before ? { ...before, condition: `${before.condition} ${item.macro.condition}` } : item.macro;
        this.#macros.set(item.macro.name, { ...changed, index: before?.index ?? this.#count, visibility: this.#count });
        return;
      }
      case 'rule':
        this.#rules.set(item.rule.name, item.rule);
        return;
      case 'enable': {
        const before = this.#rules.get(item.name);
        if (before === undefined)
          throw refuse("Rule has 'enabled' key but no rule by that name already exists", item.context);
        this.#rules.set(item.name, { ...before, enabled: item.enabled });
        return;
      }
      case 'change':
        this.#rules.set(item.name, this.#changed(item, refuse));
        return;
      default:
        item satisfies never;
    }
  }

  #changed(
    { name, append, replace, context }: Extract<RulesItem, { is: 'change' }>,
    refuse: (message: string, context: LoadWarning['context']) => LoadError,
  ): RuleDefinition {
    const before = this.#rules.get(name);
    if (before === undefined)
      throw refuse(
        append === undefined
          ? "An 'override.<key>: replace' to a rule was requested but no rule by that name already exists"
          : "Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists",
        context,
      );
    if (append !== undefined && Object.keys(append).length === 0)
      throw refuse('Appended rule must have exceptions or condition property', context);
    const joined = (one: string, other: string | undefined): string => (other === undefined ? one : `${one} ${other}`);
    const added: RuleDefinition = {
      ...before,
      condition: joined(before.condition, append?.condition),
      output: joined(before.output, append?.output),
      desc: joined(before.desc, append?.desc),
      tags: [...new Set([...before.tags, ...(append?.tags ?? [])])],
      exceptions: (append?.exceptions ?? []).reduce(withException, before.exceptions),
    };
    return { ...added, ...replace };
  }

  #compile(warn: Warn): void {
    const lists = resolvedLists(this.#lists);
    const macros = resolvedMacros(this.#macros, lists);
    this.#compiled = [...this.#rules.values()].flatMap((definition): Rule[] => {
      try {
        const rule = this.#ready(definition, lists, macros);
        if (rule.events.length === 0)
          warn(
            'LOAD_NO_EVTTYPE',
            'Rule matches too many evt.type values. This has a significant performance penalty.',
            definition.context,
          );
        return [rule];
      } catch (error) {
        const isUnknown =
          error instanceof LoadError && /nonexistent field|formatting token|event type/.test(error.message);
        if (!isUnknown || !definition.skipIfUnknown) throw error;
        warn('LOAD_UNKNOWN_FILTER', error.message, error.context);
        return [];
      }
    });
  }

  #ready(
    definition: RuleDefinition,
    lists: ReadonlyMap<string, readonly string[]>,
    macros: ReadonlyMap<string, Condition>,
  ): Rule {
    const { name, desc, priority, tags, enabled } = definition;
    const written =
      definition.exceptions.length === 0
        ? definition.condition
        : withExceptions(definition.condition, definition.exceptions);
    const output = this.#outputOf(definition);
    const read = readCondition(written, lists, definition.conditionContext);
    const condition = withMacros(read, macros, definition.context);
    try {
      return {
        name,
        desc,
        priority,
        tags,
        enabled,
        output,
        holds: compileCondition(condition),
        events: [...new Set(eventTypes(condition))],
      };
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      const at = conditionContext(read.text, error.at, definition.conditionContext);
      throw new LoadError('LOAD_ERR_COMPILE_CONDITION', error.message, at);
    }
  }

  #outputOf({ name, tags, output, outputContext }: RuleDefinition): OutputFormat {
    const extra = this.#extra.filter(
      (one) => (one.rule ?? name) === name && one.tags.every((tag) => tags.includes(tag)),
    );
    try {
      // The containers' plugin adds what this once stood for.
      return parseOutput([output.replaceAll('%container.info', ''), ...extra.map(({ format }) => format)].join(' '));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new LoadError('LOAD_ERR_COMPILE_OUTPUT', error.message, outputContext);
    }
  }
}

function withException(exceptions: readonly RuleException[], added: RuleException): readonly RuleException[] {
  const refuse = (message: string): LoadError => new LoadError('LOAD_ERR_VALIDATE', message, added.context);
  const before = exceptions.find(({ name }) => name === added.name);
  if (before === undefined) {
    if (added.fields === undefined) throw refuse('Rule exception must have fields property with a list of fields');
    if (added.values.length === 0) throw refuse('Rule exception must have values property with a list of values');
    return [...exceptions, added];
  }
  if (added.fields !== undefined) throw refuse('Can not append exception fields to existing exception, only values');
  if (added.comps !== undefined) throw refuse('Can not append exception comps to existing exception, only values');
  return exceptions.map((one) => (one === before ? { ...one, values: [...one.values, ...added.values] } : one));
}
