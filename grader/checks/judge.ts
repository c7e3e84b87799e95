import type { Check } from '../../protocol/scenario.ts';
import { compileExpression, type Expression, summaryOf } from './cel.ts';

/** What an expectation says of a fact. Pure. */
export type Judge = (fact: unknown) => Judgement;

export type Judgement =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'fail'; readonly mismatch: string }
  | { readonly verdict: 'unknown'; readonly reason: string };

export type CompiledCheck =
  | { readonly outcome: 'compiled'; readonly judge: Judge }
  | { readonly outcome: 'broken'; readonly where: 'expect' | 'mismatch'; readonly reason: string };

/** Longest value put into a mismatch; a learner needs the gist, the report must stay small. */
const VALUE_CHARACTERS = 300;

/**
 * Compiles a check's `expect` (CEL, must be boolean) and `mismatch` (text with `{{ CEL }}`).
 * An expectation that errors over a fact, for instance on a missing field, is `unknown`: the fact was not what the check's author
 * took it for, which is no fault of the learner.
 */
export function compileCheck(check: Pick<Check, 'expect' | 'mismatch'>): CompiledCheck {
  const expectation = compileExpression(check.expect);
  if (expectation.outcome === 'broken') return { outcome: 'broken', where: 'expect', reason: expectation.reason };
  if (!['bool', 'dyn'].includes(expectation.type)) {
    return { outcome: 'broken', where: 'expect', reason: `is a ${expectation.type}, must be true or false` };
  }
  const template = compileTemplate(check.mismatch);
  if (typeof template === 'string') return { outcome: 'broken', where: 'mismatch', reason: template };
  const { evaluate } = expectation;
  return {
    outcome: 'compiled',
    judge(fact) {
      let met: unknown;
      try {
        met = evaluate(fact);
      } catch (error) {
        return { verdict: 'unknown', reason: `the expectation could not be evaluated: ${summaryOf(error)}` };
      }
      if (met === true) return { verdict: 'pass' };
      if (met === false) return { verdict: 'fail', mismatch: fill(template, fact) };
      return { verdict: 'unknown', reason: 'the expectation is neither true nor false' };
    },
  };
}

type Template = readonly (string | Expression)[];

function compileTemplate(text: string): Template | string {
  const parts: (string | Expression)[] = [];
  for (const [i, piece] of text.split(/\{\{(.*?)\}\}/s).entries()) {
    if (i % 2 === 0) {
      parts.push(piece);
      continue;
    }
    const compiled = compileExpression(piece.trim());
    if (compiled.outcome === 'broken') return `{{${piece}}}: ${compiled.reason}`;
    parts.push(compiled.evaluate);
  }
  return parts;
}

function fill(template: Template, fact: unknown): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      try {
        return show(part(fact));
      } catch {
        return '(nothing)'; // the value is only there to explain; its absence must not hide the verdict
      }
    })
    .join('');
}

function show(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)) ??
        '(nothing)');
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text;
}
