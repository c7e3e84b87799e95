import { labelValueErrors, qualifiedNameErrors } from './names.ts';
import { end, isSymbol, isWord, type Token, tokenize } from './selector-tokens.ts';

/** Label selectors (apimachinery/pkg/labels/selector.go) with the errors of upstream's parser. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';
  /** Sorted and unique. */
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Reads `app=web,tier in (a,b),!x`. An empty text selects everything. Throws SelectorError with upstream's text. */
export function parseSelector(text: string): Requirement[] {
  return new SelectorParser(text).parse();
}

/** Whether the labels satisfy every requirement. */
export const matchesSelector = (requirements: readonly Requirement[], labels: Labels | undefined): boolean =>
  requirements.every((requirement) => satisfies(requirement, labels));

function satisfies({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      break;
  }
  if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
  const difference = BigInt(value) - BigInt(values[0] ?? '0');
  return operator === 'gt' ? difference > 0n : difference < 0n;
}

/** metav1.LabelSelector: an empty one selects everything, a missing one nothing. */
export interface LabelSelectorValue {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Expression[];
}

/** metav1.LabelSelectorRequirement, and core/v1 NodeSelectorRequirement. */
export interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Whether the labels match (meta/v1/helpers.go, LabelSelectorAsSelector). An operator that does not exist matches nothing. */
export function matchesLabelSelector(
  selector: LabelSelectorValue | undefined | null,
  labels: Labels | undefined,
): boolean {
  if (selector === undefined || selector === null) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {}))
    if (!satisfies({ key, operator: '=', values: [value] }, labels)) return false;
  return (selector.matchExpressions ?? []).every((expression) => holds(expression, labels, expressionOperators));
}

/** Whether a node's labels, or its fields, match: of label selectors' operators `Gt` and `Lt` too (component-helpers/scheduling/corev1/nodeaffinity). */
export const matchesNodeExpression = (expression: Expression, labels: Labels | undefined): boolean =>
  holds(expression, labels, nodeOperators);

function holds({ key, operator, values = [] }: Expression, labels: Labels | undefined, operators: Operators): boolean {
  const known = operators[operator];
  return known !== undefined && satisfies({ key, operator: known, values }, labels);
}

type Operators = Readonly<Record<string, Requirement['operator']>>;

const expressionOperators: Operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
const nodeOperators: Operators = { ...expressionOperators, Gt: 'gt', Lt: 'lt' };

/** The selector as text, as Services and `scale` print it (LabelSelectorAsSelector().String()): sorted by key. */
export function formatSelector(requirements: readonly Requirement[]): string {
  return requirements
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ key, operator, values }) => {
      if (operator === 'exists') return key;
      if (operator === '!') return `!${key}`;
      if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
      const sign = { gt: '>', lt: '<', '=': '=', '==': '==', '!=': '!=' }[operator];
      return `${key}${sign}${values[0] ?? ''}`;
    })
    .join(',');
}

/** A metav1.LabelSelector as requirements, for `formatSelector`. */
export const selectorRequirements = (selector: LabelSelectorValue): Requirement[] => [
  ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=' as const,
    values: [value],
  })),
  ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
    key,
    operator: expressionOperators[operator] ?? ('in' as const),
    values: values.toSorted(),
  })),
];

class SelectorParser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? end;
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.is === 'end') return requirements;
      if (!isWord(token) && !isSymbol(token, '!'))
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const after = this.#next();
      if (after.is === 'end') return requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      if (!isSymbol(after, ',')) throw new SelectorError(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (!isWord(following) && !isSymbol(following, '!'))
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    const fail = (why: string): never => {
      throw new SelectorError(`unable to parse requirement: ${why}`);
    };
    const negated = isSymbol(this.#peek(), '!');
    if (negated) this.#next();
    const name = this.#next();
    if (!isWord(name)) return fail(`found '${name.text}', expected: identifier`);
    const keyErrors = qualifiedNameErrors(name.text);
    if (keyErrors.length > 0)
      return fail(`<nil>: Invalid value: ${JSON.stringify(name.text)}: ${keyErrors.join('; ')}`);
    const key = name.text;
    const following = this.#peek();
    if (negated) return { key, operator: '!', values: [] };
    if (following.is === 'end' || isSymbol(following, ',')) return { key, operator: 'exists', values: [] };
    const operator =
      operatorOf(this.#next()) ?? fail(`found '${following.text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.#values(fail) : [this.#exactValue(fail)];
    for (const [i, value] of values.entries()) {
      if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(value))
        return fail(
          `values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      const errors = labelValueErrors(value);
      if (errors.length > 0)
        return fail(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${errors.join('; ')}`);
    }
    return { key, operator, values };
  }

  #exactValue(fail: (why: string) => never): string {
    const token = this.#peek();
    if (token.is === 'end' || isSymbol(token, ',')) return '';
    this.#next();
    return isWord(token) ? token.text : fail(`found '${token.text}', expected: identifier`);
  }

  #values(fail: (why: string) => never): string[] {
    const open = this.#next();
    if (!isSymbol(open, '(')) return fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (isSymbol(first, ')')) {
      this.#next();
      return [''];
    }
    if (!isWord(first) && !isSymbol(first, ',')) return fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = new Set<string>();
    for (;;) {
      const token = this.#next();
      if (isWord(token)) {
        values.add(token.text);
        const after = this.#peek();
        if (isSymbol(after, ')')) break;
        if (!isSymbol(after, ',')) return fail(`found '${after.text}', expected: ',' or ')'`);
      } else if (isSymbol(token, ',')) {
        if (values.size === 0) values.add('');
        if (isSymbol(this.#peek(), ')')) {
          values.add('');
          break;
        }
        if (isSymbol(this.#peek(), ',')) {
          this.#next();
          values.add('');
        }
      } else return fail(`found '${token.text}', expected: ',', or identifier`);
    }
    this.#next();
    return [...values].sort();
  }
}

function operatorOf(token: Token): Requirement['operator'] | undefined {
  if (token.is === 'in' || token.is === 'notin') return token.is;
  if (token.is !== 'symbol') return undefined;
  if (token.text === '>') return 'gt';
  if (token.text === '<') return 'lt';
  return token.text === '=' || token.text === '==' || token.text === '!=' ? token.text : undefined;
}
