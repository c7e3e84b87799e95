import {
  type Condition,
  ConditionError,
  LIST_OPERATORS,
  NUMBER_OPERATORS,
  type Operand,
  OPERATORS,
  type Operator,
  type Right,
  TEXT_OPERATORS,
  type Transformer,
  TRANSFORMERS,
} from './syntax.ts';

/** Conditions in conditions; upstream's limit is higher, and nobody's rules come near either. */
const MAX_DEPTH = 200;

/**
 * Reads a condition in the grammar of falcosecurity/libs, userspace/libsinsp/filter/parser.h, and refuses it in that parser's words. Throws
 * `ConditionError`.
 */
export function parseCondition(text: string): Condition {
  if (text === '') throw new ConditionError('filter input string is empty', 0);
  const parser = new Parser(text);
  const condition = parser.or();
  parser.end();
  return condition;
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

class Parser {
  readonly #text: string;
  #at = 0;
  #last = '';
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  or(): Condition {
    return this.#series('or', () => this.#series('and', () => this.#not()));
  }

  end(): void {
    if (this.#at !== this.#text.length)
      throw this.#error(`unexpected token after '${this.#last}', expecting 'or', 'and'`);
  }

  #series(word: 'and' | 'or', next: () => Condition): Condition {
    this.#blank();
    const first = next();
    const children: Condition[] = [];
    this.#blank();
    while (this.#take(word)) {
      if (this.#blank()) children.push(next());
      else if (this.#take('(')) children.push(this.#rest());
      else throw this.#error(`expected blank or '(' after '${word}'`);
      this.#blank();
    }
    return children.length === 0 ? first : { is: word, children: [first, ...children] };
  }

  #not(): Condition {
    this.#blank();
    let isNot = false;
    while (this.#match(/not[\s]+/y)) isNot = !isNot;
    const embedded = this.#take('not(');
    const child = embedded ? this.#rest() : this.#check();
    return isNot !== embedded ? { is: 'not', child } : child;
  }

  /** What follows an opening parenthesis. */
  #rest(): Condition {
    if (++this.#depth > MAX_DEPTH) throw this.#error(`exceeded max depth limit of ${MAX_DEPTH}`);
    const condition = this.or();
    if (!this.#take(')')) throw this.#error("expected a ')' token");
    this.#depth -= 1;
    return condition;
  }

  #check(): Condition {
    this.#blank();
    const at = this.#at;
    if (this.#take('(')) return this.#rest();
    const left = this.#transformed(false) ?? this.#field();
    if (left !== undefined) return this.#compared(left, at);
    if (this.#match(/[a-zA-Z]+[a-zA-Z0-9_]*/y)) return { is: 'name', name: this.#last, at };
    throw this.#error("expected a '(' token, a field check, or an identifier");
  }

  #compared(left: Operand, at: number): Condition {
    this.#blank();
    const check = (operator: Operator, right: Right): Condition => ({ is: 'check', left, operator, right, at });
    if (this.#take('exists')) return check('exists', { is: 'nothing' });
    const number = NUMBER_OPERATORS.find((operator) => this.#take(operator));
    if (number !== undefined) return check(number, this.#number());
    // What is a word is followed by a blank.
    const text = TEXT_OPERATORS.find((operator) => this.#take(/^\w/.test(operator) ? `${operator} ` : operator));
    if (text !== undefined) return check(text, this.#value() ?? this.#text_());
    const list = LIST_OPERATORS.find((operator) => this.#take(operator));
    if (list !== undefined) return check(list, this.#list());
    throw this.#error(`expected a valid check operator: one of ${quoted(OPERATORS)}`);
  }

  #number(): Right {
    const value = this.#value();
    if (value !== undefined) return value;
    if (this.#match(/0[xX][0-9a-zA-Z]+|[+-]?[0-9]+\.?[0-9]*(?:[eE][+-][0-9]+)?/y))
      return { is: 'text', text: this.#last };
    throw this.#error(
      `expected a number value or a field with a valid transformer: ${quoted(['val', ...TRANSFORMERS])}`,
    );
  }

  #text_(): Right {
    const text = this.#string();
    if (text !== undefined) return { is: 'text', text };
    throw this.#error(
      `expected a string value or a field with a valid transformer: ${quoted(['val', ...TRANSFORMERS])}`,
    );
  }

  #list(): Right {
    this.#blank();
    if (this.#take('(')) {
      const items: string[] = [];
      this.#blank();
      for (let item = this.#string(); item !== undefined;) {
        items.push(item);
        this.#blank();
        if (!this.#take(',')) break;
        item = this.#string();
        if (item === undefined) throw this.#error('expected a string value');
      }
      if (!this.#take(')')) throw this.#error("expected a ')' token");
      return { is: 'list', items };
    }
    const value = this.#value();
    if (value !== undefined) return value;
    if (this.#match(/[a-zA-Z]+[a-zA-Z0-9_]*/y)) return { is: 'list', items: [this.#last] };
    throw this.#error(
      `expected a list, an identifier, or a field with a valid transformer: ${quoted(['val', ...TRANSFORMERS])}`,
    );
  }

  /** Another field to compare with. */
  #value(): Right | undefined {
    this.#blank();
    const operand = this.#transformed(true);
    return operand && { is: 'operand', operand };
  }

  #transformed(isRight: boolean): Operand | undefined {
    const at = this.#at;
    const transformers: Transformer[] = [];
    let isValue = false;
    for (;;) {
      const transformer = TRANSFORMERS.find((one) => this.#take(`${one}(`));
      if (transformer !== undefined) transformers.unshift(transformer);
      else if (isRight && transformers.length === 0 && !isValue && this.#take('val(')) isValue = true;
      else break;
      this.#blank();
    }
    const depth = transformers.length + (isValue ? 1 : 0);
    if (depth === 0) return undefined;
    const field = this.#field();
    if (field === undefined)
      throw this.#error(
        isValue
          ? "expected a field within 'val' transformer"
          : `expected a field or a nested valid transformer: ${quoted(['val', ...TRANSFORMERS])}`,
      );
    for (let i = 0; i < depth; i++) {
      this.#blank();
      if (!this.#take(')')) throw this.#error("expected a ')' token closing the transformer");
    }
    return { ...field, transformers, at };
  }

  #field(): Operand | undefined {
    const at = this.#at;
    if (!this.#match(/[a-zA-Z]+[a-zA-Z0-9_]*(?:\.[a-zA-Z]+[a-zA-Z0-9_]*)+/y)) return undefined;
    const field = this.#last;
    if (!this.#take('[')) return { field, argument: undefined, transformers: [], at };
    const argument = this.#quoted() ?? (this.#match(/[^\][\s"']+/y) ? this.#last : undefined);
    if (argument === undefined) throw this.#error('expected a valid field argument: a quoted string or a bare string');
    if (!this.#take(']')) throw this.#error("expected a ']' token");
    return { field, argument, transformers: [], at };
  }

  #string(): string | undefined {
    this.#blank();
    return this.#quoted() ?? (this.#match(/[^()"'\s=,]+/y) ? this.#last : undefined);
  }

  #quoted(): string | undefined {
    if (!this.#match(/"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y)) return undefined;
    return this.#last.slice(1, -1).replace(/\\(["'\\])/g, '$1');
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    this.#last = word;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) return false;
    this.#at += found.length;
    this.#last = found;
    return true;
  }

  #blank(): boolean {
    const before = this.#at;
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at > before;
  }

  #error(message: string): ConditionError {
    return new ConditionError(message, this.#at);
  }
}
