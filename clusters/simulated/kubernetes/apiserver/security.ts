import type { Admission } from '../admission/chain.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { UserInfo } from '../authentication/user.ts';
import type { Authorizer, RequestAttributes } from '../authorization/authorizer.ts';
import type { RulesReview } from '../authorization/chain.ts';
import type { EncryptionAtRest } from '../encryption/transformer.ts';
import type { ServingConfig } from '../flags/serving-config.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { KubeletTls } from './proxy/network.ts';

/**
 * What a set of API server flags makes: who is believed, what is allowed, what is written down and how it is stored.
 * A restart with other flags makes another one over the same store; the one before is disposed.
 */
export interface Security extends Disposable {
  readonly serving: ServingConfig;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  rulesFor(user: UserInfo, namespace: string): RulesReview;
  readonly admission: Admission;
  readonly encryption: EncryptionAtRest;
  readonly audit: AuditLog | undefined;
  readonly tokens: Tokens;
  readonly kubelet: KubeletTls;
  /** `--profiling` */
  readonly profiling: boolean;
  /** `--request-timeout`, in seconds. */
  readonly requestTimeout: number;
  /** Who a request is after its `Impersonate-*` headers; throws the 403 `ApiError` of one who may not (apiserver/pkg/endpoints/filters/impersonation). */
  impersonate(
    user: UserInfo,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    what: RequestAttributes,
  ): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Issues and reviews ServiceAccount tokens. */
export interface Tokens {
  /** TokenRequest: the request with its status filled (pkg/registry/core/serviceaccount/storage/token.go). Throws `ApiError`. */
  request(serviceAccount: KubeObject, request: KubeObject): Promise<KubeObject>;
  /** TokenReview: the review with its status filled. */
  review(review: KubeObject): Promise<KubeObject>;
  /** JSON text at `/.well-known/openid-configuration` and `/openid/v1/jwks`; undefined when there is no issuer. */
  discovery(path: string): string | undefined;
}

/** Makes the parts that the flags decide, or says in the binary's words why it cannot start with them. */
export type Secure = (
  argv: readonly string[],
  cluster: Cluster,
) => Promise<{ readonly ok: Security } | { readonly failed: string }>;
