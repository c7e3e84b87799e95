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
}

/** Seconds that upstream's client waits (apiserver/plugin/pkg/authorizer/webhook). */
const TIMEOUT_MS = 30_000;
const MAX_CACHED = 8192;

/** Asks a real webhook over TLS (apiserver/plugin/pkg/authorizer/webhook/webhook.go). One that cannot be asked has no opinion. */
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
      const key = JSON.stringify(review.spec);
      const known = cache.get(key);
      if (known !== undefined && known.until > now()) return known.decision;
      let answer: { status?: { allowed?: boolean; denied?: boolean; reason?: string } };
      try {
        answer = (await postJson(config.endpoint, review, {
          dial,
          timeoutMs: TIMEOUT_MS,
        })) as typeof answer;
      } catch {
        return { decision: 'no opinion', reason: '' };
      }
      const { allowed = false, denied = false, reason = '' } = answer.status ?? {};
      const decision: Decision = { decision: denied ? 'deny' : allowed ? 'allow' : 'no opinion', reason };
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(key, { until: now() + (allowed ? config.allowedTtl : config.deniedTtl), decision });
      return decision;
    },
  };
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
