import { FUNCTIONS, goText, isEmpty } from './functions.ts';
import { type Node, type Operand, parseTemplate, type Pipe } from './parse.ts';
import { TemplateError } from './template-error.ts';

export interface TemplateOptions {
  /** What a key that is not there is: an error unless said. */
  readonly missing?: 'no value';
  /** The Go type whose fields those of the value are: there are no others. */
  readonly type?: string;
}

type Variables = Map<string, unknown>;

/** What a template loops through and prints is bounded: a learner writes it, and it is filled in by the server. */
const MAX_STEPS = 100_000;

/** Fills in a template as Go's text/template does. Throws `TemplateError` in its words. */
export function renderTemplate(template: string, value: unknown, options: TemplateOptions = {}): string {
  return new Rendering(options, value).list(parseTemplate(template), value, new Map());
}

class Rendering {
  readonly #options: TemplateOptions;
  readonly #root: unknown;
  #steps = 0;

  constructor(options: TemplateOptions, root: unknown) {
    this.#options = options;
    this.#root = root;
  }

  list(nodes: readonly Node[], dot: unknown, variables: Variables): string {
    return nodes.map((node) => this.#node(node, dot, variables)).join('');
  }

  #node(node: Node, dot: unknown, outer: Variables): string {
    if (++this.#steps > MAX_STEPS) throw new TemplateError('not simulated: a format of so many steps');
    if (node.kind === 'text') return node.text;
    if (node.kind === 'action') {
      const value = this.#pipe(node.pipe, dot, outer);
      return node.pipe.variables.length > 0 ? '' : goText(value);
    }
    const variables = new Map(outer);
    if (node.kind !== 'range') {
      const value = this.#pipe(node.pipe, dot, variables);
      if (isEmpty(value)) return this.list(node.other, dot, variables);
      return this.list(node.body, node.kind === 'with' ? value : dot, variables);
    }
    const value = this.#commands(node.pipe, dot, variables);
    if (isEmpty(value)) return this.list(node.other, dot, variables);
    if (typeof value !== 'object') throw this.#failed('range', `range can't iterate over ${goText(value)}`);
    const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
      ? value.map((one, index) => [index, one] as const)
      : Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const [first, second] = node.pipe.variables;
    return entries
      .map(([key, one]) => {
        const own = new Map(variables);
        if (second !== undefined) own.set(first ?? '', key).set(second, one);
        else if (first !== undefined) own.set(first, one);
        return this.list(node.body, one, own);
      })
      .join('');
  }

  #pipe(pipe: Pipe, dot: unknown, variables: Variables): unknown {
    const value = this.#commands(pipe, dot, variables);
    const [name] = pipe.variables;
    if (name !== undefined) variables.set(name, value);
    return value;
  }

  #commands({ commands }: Pipe, dot: unknown, variables: Variables): unknown {
    let value: unknown;
    for (const [index, words] of commands.entries()) {
      const [first, ...rest] = words as [Operand, ...Operand[]];
      const before = index === 0 ? [] : [value];
      if (first.kind !== 'function') {
        if (rest.length > 0 || before.length > 0)
          throw new TemplateError(`template: :1: can't give argument to non-function ${wordOf(first)}`);
        value = this.#operand(first, dot, variables);
      } else value = this.#call(first.name, [...rest.map((one) => this.#operand(one, dot, variables)), ...before]);
    }
    return value;
  }

  #call(name: string, given: readonly unknown[]): unknown {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) throw new TemplateError(`template: :1: function ${JSON.stringify(name)} not defined`);
    try {
      return known(...given);
    } catch (error) {
      if (error instanceof TemplateError && error.message.startsWith('not simulated')) throw error;
      const why = error instanceof TemplateError ? error.message : 'wrong type of argument';
      throw this.#failed(name, `error calling ${name}: ${why}`);
    }
  }

  #operand(operand: Operand, dot: unknown, variables: Variables): unknown {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'function') return this.#call(operand.name, []);
    const { from, fields } = operand;
    let at: unknown = dot;
    if (from !== '.' && 'pipe' in from) at = this.#pipe(from.pipe, dot, variables);
    else if (from !== '.') {
      if (from.variable !== '$' && !variables.has(from.variable))
        throw new TemplateError(`template: :1: undefined variable ${JSON.stringify(from.variable)}`);
      at = from.variable === '$' ? this.#root : variables.get(from.variable);
    }
    for (const name of fields) at = this.#field(at, name, operand);
    return at;
  }

  #field(value: unknown, name: string, { text, at }: Extract<Operand, { kind: 'value' }>): unknown {
    const { missing, type } = this.#options;
    const is = (why: string): TemplateError => this.#failed(text, why, at);
    if (value === null || value === undefined) {
      if (missing === 'no value') return undefined;
      throw is(`nil data; no entry for key ${JSON.stringify(name)}`);
    }
    if (typeof value !== 'object' || Array.isArray(value))
      throw is(`can't evaluate field ${name} in type ${Array.isArray(value) ? '[]interface {}' : typeof value}`);
    if (Object.hasOwn(value, name)) return (value as Record<string, unknown>)[name];
    if (type !== undefined) throw is(`can't evaluate field ${name} in type ${type}`);
    if (missing === 'no value') return undefined;
    throw is(`map has no entry for key ${JSON.stringify(name)}`);
  }

  #failed(text: string, why: string, at = 2): TemplateError {
    return new TemplateError(`template: :1:${at}: executing "" at <${text}>: ${why}`);
  }
}

const wordOf = (operand: Operand): string =>
  operand.kind === 'value' ? operand.text : operand.kind === 'literal' ? JSON.stringify(operand.value) : operand.name;
