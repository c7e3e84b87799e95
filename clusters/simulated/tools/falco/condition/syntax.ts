/** A condition as it is written (falcosecurity/libs, userspace/libsinsp/filter/ast.h). Positions count characters from its begin. */
export type Condition =
  | { readonly is: 'and' | 'or'; readonly children: readonly Condition[] }
  | { readonly is: 'not'; readonly child: Condition }
  /** A macro's name. */
  | { readonly is: 'name'; readonly name: string; readonly at: number }
  | {
      readonly is: 'check';
      readonly left: Operand;
      readonly operator: Operator;
      readonly right: Right;
      readonly at: number;
    };

/** A field, perhaps of one argument, with what is done to its value, the innermost first. */
export interface Operand {
  readonly field: string;
  readonly argument: string | undefined;
  readonly transformers: readonly Transformer[];
  readonly at: number;
}

export type Right =
  | { readonly is: 'nothing' }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'list'; readonly items: readonly string[] }
  | { readonly is: 'operand'; readonly operand: Operand };

export const TRANSFORMERS = ['tolower', 'toupper', 'b64', 'basename', 'len'] as const;
export type Transformer = (typeof TRANSFORMERS)[number];

export const NUMBER_OPERATORS = ['<=', '<', '>=', '>'] as const;
export const TEXT_OPERATORS = [
  '==',
  '=',
  '!=',
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
] as const;
export const LIST_OPERATORS = ['intersects', 'in', 'pmatch'] as const;
export const OPERATORS = ['exists', ...NUMBER_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS] as const;
export type Operator = (typeof OPERATORS)[number];

/** What is wrong with a condition, in libsinsp's words, and where. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
