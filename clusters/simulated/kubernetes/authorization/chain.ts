import type { Dial } from '../callout/https-call.ts';
import type { Cluster } from '../store/cluster.ts';
import type { UserInfo } from '../authentication/user.ts';
import { abacAuthorizer, type AbacPolicy } from './abac.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { nodeAuthorizer, nodeNameOf } from './node.ts';
import { rbacAuthorizer } from './rbac.ts';
import { RuleResolver } from './rule-resolver.ts';
import { webhookAuthorizer, type WebhookAuthorizerConfig } from './webhook.ts';

export type AuthorizationMode = 'Node' | 'RBAC' | 'ABAC' | 'AlwaysAllow' | 'AlwaysDeny' | 'Webhook';

export interface AuthorizationConfig {
  /** In the order in which they are asked. */
  readonly modes: readonly AuthorizationMode[];
  /** One for each mode Webhook, in their order. */
  readonly webhooks?: readonly WebhookAuthorizerConfig[];
  readonly policies?: readonly AbacPolicy[];
}

export interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface NonResourceRule {
  readonly verbs: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** What SelfSubjectRulesReview answers (authorization/v1 SubjectRulesReviewStatus). */
export interface RulesReview {
  readonly resourceRules: readonly ResourceRule[];
  readonly nonResourceRules: readonly NonResourceRule[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** Dispose it when the API server stops: it listens to the cluster's RBAC objects. */
export interface AuthorizerChain extends Authorizer, Disposable {
  rulesFor(user: UserInfo, namespace: string): RulesReview;
  /** RBAC's own view, whatever the modes are: escalation checks use it. */
  readonly resolver: RuleResolver;
}

const ALLOWED: Decision = { decision: 'allow', reason: '' };
const DENIED: Decision = { decision: 'no opinion', reason: 'Everything is forbidden.' };
const ALL_RESOURCES: ResourceRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const ALL_PATHS: NonResourceRule = { verbs: ['*'], nonResourceURLs: ['*'] };

/** `system:masters` passes first, then each mode is asked until one allows or denies (pkg/kubeapiserver/authorizer/config.go). */
export function buildAuthorizer(config: AuthorizationConfig, cluster: Cluster, dial: Dial): AuthorizerChain {
  const resolver = new RuleResolver(cluster);
  const webhooks = [...(config.webhooks ?? [])];
  const members = config.modes.map((mode) =>
    mode === 'Webhook'
      ? webhookAuthorizer(nextOf(webhooks), dial, () => cluster.clock.now())
      : member(mode, config, { cluster, resolver }),
  );
  return {
    resolver,
    authorize: (asked) => (asked.user.groups.includes('system:masters') ? ALLOWED : ask(members, 0, asked, [])),
    rulesFor: (user, namespace) => rulesReview(config.modes, resolver, user, namespace),
    [Symbol.dispose]: () => resolver[Symbol.dispose](),
  };
}

function nextOf(webhooks: WebhookAuthorizerConfig[]): WebhookAuthorizerConfig {
  const next = webhooks.shift();
  if (next === undefined) throw new Error('mode Webhook needs its configuration');
  return next;
}

function member(
  mode: Exclude<AuthorizationMode, 'Webhook'>,
  config: AuthorizationConfig,
  { cluster, resolver }: { cluster: Cluster; resolver: RuleResolver },
): Authorizer {
  switch (mode) {
    case 'Node':
      return nodeAuthorizer(cluster);
    case 'RBAC':
      return rbacAuthorizer(resolver);
    case 'AlwaysAllow':
      return { authorize: () => ALLOWED };
    case 'AlwaysDeny':
      return { authorize: () => DENIED };
    case 'ABAC':
      return abacAuthorizer(config.policies ?? []);
    default:
      return mode satisfies never;
  }
}

/** Asks one after another; synchronous as long as the members are. */
function ask(
  members: readonly Authorizer[],
  from: number,
  asked: Attributes,
  reasons: readonly string[],
): Decision | Promise<Decision> {
  let heard = reasons;
  for (let at = from; at < members.length; at += 1) {
    const answer = members[at]?.authorize(asked);
    if (answer === undefined) continue;
    if (answer instanceof Promise) {
      const before = heard;
      return answer.then((decision) =>
        decision.decision === 'no opinion' ? ask(members, at + 1, asked, withReason(before, decision)) : decision,
      );
    }
    if (answer.decision !== 'no opinion') return answer;
    heard = withReason(heard, answer);
  }
  return { decision: 'no opinion', reason: heard.join('\n') };
}

const withReason = (reasons: readonly string[], { reason }: Decision): readonly string[] =>
  reason === '' ? reasons : [...reasons, reason];

function rulesReview(
  modes: readonly AuthorizationMode[],
  resolver: RuleResolver,
  user: UserInfo,
  namespace: string,
): RulesReview {
  const resourceRules: ResourceRule[] = [];
  const nonResourceRules: NonResourceRule[] = [];
  const errors: string[] = [];
  for (const mode of modes) {
    if (mode === 'AlwaysAllow') {
      resourceRules.push(ALL_RESOURCES);
      nonResourceRules.push(ALL_PATHS);
    }
    if (mode === 'Node' && nodeNameOf(user) !== undefined)
      errors.push('node authorizer does not support user rule resolution');
    if (mode === 'ABAC') errors.push('ABAC authorizer does not support user rule resolution');
    if (mode === 'Webhook') errors.push('webhook authorizer does not support user rule resolution');
    if (mode !== 'RBAC') continue;
    const found = resolver.rulesFor(user, namespace);
    errors.push(...found.errors);
    for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of found.rules) {
      if (resources !== undefined && resources.length > 0) {
        resourceRules.push({
          verbs,
          apiGroups: apiGroups ?? [],
          resources,
          ...(resourceNames === undefined ? {} : { resourceNames }),
        });
      }
      if (nonResourceURLs !== undefined && nonResourceURLs.length > 0)
        nonResourceRules.push({ verbs, nonResourceURLs });
    }
  }
  return {
    resourceRules,
    nonResourceRules,
    incomplete: errors.length > 0,
    ...(errors.length === 0
      ? {}
      : { evaluationError: errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]` }),
  };
}
