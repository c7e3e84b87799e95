import type { UserInfo } from './user.ts';

export type TokenOutcome =
  /** `audiences` are those of the asked-for ones that the token is for; undefined for tokens that know no audience. */
  | { readonly outcome: 'accepted'; readonly user: UserInfo; readonly audiences: readonly string[] | undefined }
  /** The token is of this kind but no good. */
  | { readonly outcome: 'rejected'; readonly reason: string }
  /** The token is of another kind. */
  | { readonly outcome: 'unknown' };

/** apiserver/pkg/authentication/authenticator/interfaces.go Token. `audiences` are the ones the asker accepts. */
export interface TokenAuthenticator {
  authenticateToken(token: string, audiences: readonly string[]): TokenOutcome | Promise<TokenOutcome>;
}

export const UNKNOWN_TOKEN: TokenOutcome = { outcome: 'unknown' };
