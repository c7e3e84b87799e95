import type { Context } from './context.ts';

/** Priorities, the gravest first (userspace/engine/falco_common.cpp). */
export const PRIORITIES = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;
export type Priority = (typeof PRIORITIES)[number];

export function parsePriority(text: string): Priority | undefined {
  const wanted = text.toLowerCase() === 'info' ? 'informational' : text.toLowerCase();
  return PRIORITIES.find((priority) => priority.toLowerCase() === wanted);
}

export interface ListDefinition {
  readonly name: string;
  readonly items: readonly string[];
}

export interface MacroDefinition {
  readonly name: string;
  readonly condition: string;
  readonly context: Context;
  readonly conditionContext: Context;
}

/** Values of an exception: one for a single field, else one for each; a list for operators that take one. */
export type ExceptionValue = string | readonly (string | readonly string[])[];

export interface RuleException {
  readonly name: string;
  readonly fields: string | readonly string[] | undefined;
  readonly comps: string | readonly string[] | undefined;
  readonly values: readonly ExceptionValue[];
  readonly context: Context;
}

export interface RuleDefinition {
  readonly name: string;
  readonly condition: string;
  readonly output: string;
  readonly desc: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  readonly exceptions: readonly RuleException[];
  readonly enabled: boolean;
  readonly skipIfUnknown: boolean;
  readonly context: Context;
  readonly conditionContext: Context;
  readonly outputContext: Context;
}

type Change = Partial<Omit<RuleDefinition, 'name' | 'context'>>;

/** What an item of a rules file asks for. */
export type RulesItem =
  | { readonly is: 'list'; readonly append: boolean; readonly list: ListDefinition; readonly context: Context }
  | { readonly is: 'macro'; readonly append: boolean; readonly macro: MacroDefinition }
  | { readonly is: 'rule'; readonly rule: RuleDefinition }
  | {
      readonly is: 'change';
      readonly name: string;
      readonly append: Change | undefined;
      readonly replace: Change | undefined;
      readonly context: Context;
    }
  | { readonly is: 'enable'; readonly name: string; readonly enabled: boolean; readonly context: Context };
