import type { KeyObject } from 'node:crypto';
import type { ClaimExpressions } from './claim-rules.ts';
import type { UserInfo } from './user.ts';
import type { WebhookTokenConfig } from './webhook-tokens.ts';

/** What the flags and files of the API server say about who may prove who they are (pkg/kubeapiserver/options/authentication.go). */
export interface AuthenticationConfig {
  readonly anonymous: AnonymousConfig;
  /** Contents of `--token-auth-file`, by token. */
  readonly tokens: ReadonlyMap<string, UserInfo>;
  readonly bootstrapTokens: boolean;
  readonly serviceAccounts: ServiceAccountConfig;
  readonly oidc: readonly OidcConfig[];
  readonly webhook?: WebhookTokenConfig;
}

export interface AnonymousConfig {
  readonly enabled: boolean;
  /** When set, only these paths may be asked without credentials (AuthenticationConfiguration's conditions). */
  readonly paths?: readonly string[];
}

export interface ServiceAccountConfig {
  /** The first signs new tokens, all are accepted. */
  readonly issuers: readonly string[];
  /** Public keys that verify tokens. */
  readonly keys: readonly KeyObject[];
  readonly signingKey: KeyObject | undefined;
  /** `--api-audiences`, the issuers unless set. */
  readonly apiAudiences: readonly string[];
  /** Whether the objects a token names must still exist (`--service-account-lookup`). */
  readonly lookup: boolean;
  /** Seconds; undefined is without limit. */
  readonly maxExpirationSeconds: number | undefined;
  /** Whether the kubelet's hour-long tokens are made to last a year (`--service-account-extend-token-expiration`). */
  readonly extendExpiration: boolean;
}

export interface OidcConfig {
  readonly issuerUrl: string;
  /** PEM bundle that vouches for the issuer; the system's roots when undefined. */
  readonly certificateAuthority: string | undefined;
  readonly audiences: readonly string[];
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim: string | undefined;
  readonly groupsPrefix: string;
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly signingAlgorithms: readonly string[];
  /** Where the issuer tells its keys, when not under its own URL. */
  readonly discoveryUrl?: string;
  readonly expressions?: ClaimExpressions;
}
