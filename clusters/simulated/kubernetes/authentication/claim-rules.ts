import type { Program } from '../admission/cel/program.ts';

/** A rule that has to hold, and what is said when it does not. */
export interface Rule {
  readonly program: Program;
  readonly expression: string;
  readonly message: string;
}

/** What an AuthenticationConfiguration says in CEL (apiserver/pkg/apis/apiserver/types.go JWTAuthenticator). */
export interface ClaimExpressions {
  readonly username?: Program;
  readonly groups?: Program;
  readonly uid?: Program;
  readonly uidClaim?: string;
  readonly extra: readonly { readonly key: string; readonly program: Program }[];
  readonly claimRules: readonly Rule[];
  readonly userRules: readonly Rule[];
}
