import { celEnvironment } from '../admission/cel/environment.ts';
import { compile, type Program } from '../admission/cel/program.ts';
import { asCel, fromCel } from '../admission/cel/values.ts';
import type { ClaimExpressions, Rule } from './claim-rules.ts';
import type { UserInfo } from './user.ts';

const ENVIRONMENTS = { claims: celEnvironment(['claims']), user: celEnvironment(['user']) } as const;

/** Compiles an expression over `claims` or `user`. Throws with cel-go's words. */
export function claimProgram(over: 'claims' | 'user', expression: string): Program {
  const program = compile(ENVIRONMENTS[over], expression);
  if ('failed' in program) throw new Error(`compilation failed: ${program.failed}`);
  return program;
}

type Claims = Readonly<Record<string, unknown>>;

const run = (program: Program, values: Record<string, unknown>): unknown => {
  if ('failed' in program) throw new Error(program.failed);
  return fromCel(program.run(values));
};

/** The first rule that does not hold, as plugin/pkg/authenticator/token/oidc says it; undefined when all do. */
function brokenRule(rules: readonly Rule[], values: Record<string, unknown>): string | undefined {
  for (const { program, expression, message } of rules) {
    try {
      if (run(program, values) === true) continue;
    } catch (error) {
      return (error as Error).message;
    }
    return message === ''
      ? `validation expression '${expression}' failed`
      : `validation expression '${expression}' failed: ${message}`;
  }
  return undefined;
}

export const brokenClaimRule = ({ claimRules }: ClaimExpressions, claims: Claims): string | undefined =>
  claimRules.length === 0 ? undefined : brokenRule(claimRules, { claims: asCel(claims) });

export function brokenUserRule({ userRules }: ClaimExpressions, user: UserInfo): string | undefined {
  const { username, groups, uid = '', extra } = user;
  return userRules.length === 0 ? undefined : brokenRule(userRules, { user: asCel({ username, groups, uid, extra }) });
}

/** A text that an expression gives. Throws for another value. */
export function textOf(program: Program, claims: Claims): string {
  const value = run(program, { claims: asCel(claims) });
  if (typeof value === 'string') return value;
  throw new Error('expression must return a string');
}

/** A text or several; an empty one is none. */
export function textsOf(program: Program, claims: Claims): string[] {
  const value = run(program, { claims: asCel(claims) }) ?? [];
  const texts = [value].flat().filter((one) => one !== '');
  if (texts.every((one) => typeof one === 'string')) return texts;
  throw new Error('expression must return a string or a list of strings');
}
