import type { Program } from '../admission/cel/program.ts';
import { asCel } from '../admission/cel/values.ts';
import type { Dial } from '../callout/https-call.ts';
import type { Endpoint } from '../callout/kubeconfig-endpoint.ts';
import { postJson } from '../callout/post-json.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';

export interface WebhookAuthorizerConfig {
  readonly endpoint: Endpoint;
  /** SubjectAccessReview's version, `v1` or `v1beta1`. */
  readonly version: string;
  /** Milliseconds an answer is believed (`--authorization-webhook-cache-…-ttl`). */
  readonly allowedTtl: number;
  readonly deniedTtl: number;
  readonly timeoutMs: number;
  /** What an error says: nothing, or no. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  /** CEL over `request`, a SubjectAccessReviewSpec: only what all of them hold for is asked. */
  readonly matchConditions: readonly Program[];
}

const MAX_CACHED = 8192;

/** Asks a real webhook over TLS (apiserver/plugin/pkg/authorizer/webhook/webhook.go). One that cannot be asked has no opinion, or denies. */
export function webhookAuthorizer(config: WebhookAuthorizerConfig, dial: Dial, now: () => number): Authorizer {
  const cache = new Map<string, { until: number; decision: Decision }>();
  return {
    async authorize(asked): Promise<Decision> {
      const review = {
        apiVersion: `authorization.k8s.io/${config.version}`,
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: specOf(asked),
        status: { allowed: false },
      };
      const failed: Decision = {
        decision: config.failurePolicy === 'Deny' ? 'deny' : 'no opinion',
        reason: '',
      };
      const concerned = isConcerned(config.matchConditions, asked);
      if (concerned !== true) return concerned === false ? { decision: 'no opinion', reason: '' } : failed;
      const key = JSON.stringify(review.spec);
      const known = cache.get(key);
      if (known !== undefined && known.until > now()) return known.decision;
      let answer: { status?: { allowed?: boolean; denied?: boolean; reason?: string } };
      try {
        answer = (await postJson(config.endpoint, review, {
          dial,
          timeoutMs: config.timeoutMs,
        })) as typeof answer;
      } catch {
        return failed;
      }
      const { allowed = false, denied = false, reason = '' } = answer.status ?? {};
      const decision: Decision = { decision: denied ? 'deny' : allowed ? 'allow' : 'no opinion', reason };
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(key, { until: now() + (allowed ? config.allowedTtl : config.deniedTtl), decision });
      return decision;
    },
  };
}

/** Whether all conditions hold; undefined when none is false and one cannot be told (apiserver/pkg/authorization/cel/matcher.go). */
function isConcerned(conditions: readonly Program[], asked: Attributes): boolean | undefined {
  if (conditions.length === 0) return true;
  const request = asCel(whole(asked));
  let known: boolean | undefined = true;
  for (const condition of conditions) {
    try {
      if ('failed' in condition) throw new Error(condition.failed);
      if (condition.run({ request }) !== true) return false;
    } catch {
      known = undefined;
    }
  }
  return known;
}

/** The SubjectAccessReviewSpec with every field, as expressions find absent ones empty. */
function whole(asked: Attributes): Record<string, unknown> {
  const { username: user, groups, uid = '', extra } = asked.user;
  const who = { user, groups, uid, extra };
  if (!asked.isResource) return { ...who, nonResourceAttributes: { path: asked.path, verb: asked.verb } };
  const { namespace, verb, group, version, resource, subresource, name } = asked;
  return { ...who, resourceAttributes: { namespace, verb, group, version, resource, subresource, name } };
}

function specOf(asked: Attributes): Record<string, unknown> {
  const { username, groups, uid, extra } = asked.user;
  const who = {
    user: username,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
  if (!asked.isResource) return { nonResourceAttributes: { path: asked.path, verb: asked.verb }, ...who };
  const { namespace, verb, group, version, resource, subresource, name } = asked;
  const present = Object.entries({ namespace, verb, group, version, resource, subresource, name }).filter(
    ([, value]) => value !== '',
  );
  return { resourceAttributes: Object.fromEntries(present), ...who };
}
