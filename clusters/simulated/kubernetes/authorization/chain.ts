import type { Cluster } from '../store/cluster.ts';
import type { UserInfo } from '../authentication/user.ts';
import type { Authorizer } from './authorizer.ts';

export type AuthorizationMode = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny' | 'ABAC' | 'Webhook';

export interface AuthorizationConfig {
  /** In the order in which they are asked. */
  readonly modes: readonly AuthorizationMode[];
  readonly webhook?: { readonly kubeconfig: string };
}

/** What SelfSubjectRulesReview answers (authorization/v1 SubjectRulesReviewStatus). */
export interface RulesReview {
  readonly resourceRules: readonly {
    verbs: string[];
    apiGroups: string[];
    resources: string[];
    resourceNames?: string[];
  }[];
  readonly nonResourceRules: readonly { verbs: string[]; nonResourceURLs: string[] }[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** Dispose it when the API server stops: it listens to the cluster's RBAC objects. */
export interface AuthorizerChain extends Authorizer, Disposable {
  rulesFor(user: UserInfo, namespace: string): RulesReview;
}

/** `system:masters` passes first, then each mode is asked until one allows or denies (pkg/kubeapiserver/authorizer/config.go). */
export function buildAuthorizer(_config: AuthorizationConfig, _cluster: Cluster): AuthorizerChain {
  throw new Error('in the making');
}
