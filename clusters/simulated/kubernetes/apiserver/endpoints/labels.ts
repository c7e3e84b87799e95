import { badRequest } from '../../status.ts';
import { labelValue, qualifiedName } from '../registry/name-rules.ts';

export interface Selector {
  matches(labels: Readonly<Record<string, string>>): boolean;
}

type Operator = 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<' | 'exists' | '!';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

const MOST_REQUIREMENTS = 1000;

/** Reads `a=b,c in (d, e),!f` (apimachinery/pkg/labels/selector.go Parse). Throws 400 with upstream's words. */
export function parseSelector(text: string): Selector {
  const requirements = new Parser(text).parse();
  return { matches: (labels) => requirements.every((requirement) => holds(requirement, labels)) };
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** A metav1.LabelSelector; an empty one matches everything. */
export function selectorOf({ matchLabels, matchExpressions }: LabelSelector): Selector {
  const requirements: Requirement[] = Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }));
  const operators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
  for (const { key, operator, values } of matchExpressions ?? []) {
    requirements.push({ key, operator: operators[operator] ?? 'exists', values: values ?? [] });
  }
  return { matches: (labels) => requirements.every((requirement) => holds(requirement, labels)) };
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key]! : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case '>':
    case '<': {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      return operator === '>' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0]);
    }
  }
}

const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y;

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) this.#tokens.push(found[1]!);
  }

  parse(): readonly Requirement[] {
    const requirements: Requirement[] = [];
    while (this.#peek() !== '') {
      if (!isWord(this.#peek()) && this.#peek() !== '!') {
        throw badRequest(`found '${this.#peek()}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      if (requirements.length > MOST_REQUIREMENTS) throw badRequest('too many requirements');
      const next = this.#take();
      if (next === '') break;
      if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
      if (!isWord(this.#peek()) && this.#peek() !== '!') {
        throw badRequest(`found '${this.#peek()}', expected: identifier after ','`);
      }
    }
    return requirements;
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? '';
  }

  #requirement(): Requirement {
    const absent = this.#peek() === '!';
    if (absent) this.#take();
    const key = this.#take();
    const fail = (why: string): never => {
      throw badRequest(`unable to parse requirement: ${why}`);
    };
    if (!isWord(key)) fail(`found '${key}', expected: identifier`);
    for (const why of qualifiedName(key)) fail(`<nil>: Invalid value: ${JSON.stringify(key)}: ${why}`);
    if (absent) return { key, operator: '!', values: [] };
    const next = this.#peek();
    if (next === '' || next === ',') return { key, operator: 'exists', values: [] };
    const operator = this.#take();
    if (operator === 'in' || operator === 'notin') return { key, operator, values: this.#values(fail) };
    if (!['=', '==', '!=', '>', '<'].includes(operator)) {
      fail(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    const value = isWord(this.#peek()) ? this.#take() : '';
    if (value === '' && this.#peek() !== '' && this.#peek() !== ',') fail(`found '${this.#peek()}', expected: identifier`);
    for (const why of labelValue(value)) fail(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
    if ((operator === '>' || operator === '<') && !/^-?\d+$/.test(value)) {
      fail(`values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
    return { key, operator: operator as Operator, values: [value] };
  }

  #values(fail: (why: string) => never): readonly string[] {
    const open = this.#take();
    if (open !== '(') fail(`found '${open}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      const next = this.#take();
      if (isWord(next)) {
        values.push(next);
        const after = this.#take();
        if (after === ')') return values;
        if (after !== ',') fail(`found '${after}', expected: ',' or ')'`);
      } else if (next === ')') {
        return [...values, ''];
      } else if (next === ',') values.push('');
      else fail(`found '${next}', expected: ',', ')' or identifier`);
    }
  }
}

const isWord = (token: string): boolean => token !== '' && !/^(==|!=|[=!<>(),])$/.test(token);
