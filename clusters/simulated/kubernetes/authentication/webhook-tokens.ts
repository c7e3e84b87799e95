import type { Clock } from '../../clock.ts';
import type { Dial } from '../callout/https-call.ts';
import type { Endpoint } from '../callout/kubeconfig-endpoint.ts';
import { postJson } from '../callout/post-json.ts';
import { type TokenAuthenticator, type TokenOutcome, UNKNOWN_TOKEN } from './token-authenticator.ts';

export interface WebhookTokenConfig {
  readonly endpoint: Endpoint;
  /** TokenReview's version, `v1` or `v1beta1`. */
  readonly version: string;
  /** Milliseconds that an answer is believed (`--authentication-token-webhook-cache-ttl`). */
  readonly ttl: number;
}

interface Review {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly error?: string;
    readonly audiences?: readonly string[];
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

const TIMEOUT_MS = 30_000;
const MOST_CACHED = 4096;

/** Asks a TokenReview of a real webhook over TLS (apiserver/plugin/pkg/authenticator/token/webhook). One that cannot be asked knows no token. */
export function webhookTokens(
  { endpoint, version, ttl }: WebhookTokenConfig,
  clock: Clock,
  dial: Dial,
): TokenAuthenticator {
  const cache = new Map<string, { readonly until: number; readonly outcome: TokenOutcome }>();
  return {
    async authenticateToken(token, audiences) {
      const key = JSON.stringify([token, audiences]);
      const known = cache.get(key);
      if (known && known.until > clock.now()) return known.outcome;
      const review = {
        apiVersion: `authentication.k8s.io/${version}`,
        kind: 'TokenReview',
        metadata: {},
        spec: { token, ...(audiences.length === 0 ? {} : { audiences }) },
      };
      let answer: Review;
      try {
        answer = (await postJson(endpoint, review, { dial, timeoutMs: TIMEOUT_MS })) as Review;
      } catch {
        return UNKNOWN_TOKEN; // not remembered: the next request asks again
      }
      const outcome = outcomeOf(answer, audiences);
      if (cache.size >= MOST_CACHED) cache.clear();
      cache.set(key, { until: clock.now() + ttl, outcome });
      return outcome;
    },
  };
}

function outcomeOf({ status = {} }: Review, asked: readonly string[]): TokenOutcome {
  if (status.authenticated !== true) return UNKNOWN_TOKEN;
  const { username = '', uid, groups = [], extra = {} } = status.user ?? {};
  // A webhook that says nothing of audiences does not know them: the token is for the API server.
  const audiences = asked.length === 0 ? undefined : (status.audiences ?? asked).filter((one) => asked.includes(one));
  if (audiences?.length === 0) return UNKNOWN_TOKEN;
  return { outcome: 'accepted', user: { username, groups, extra, ...(uid ? { uid } : {}) }, audiences };
}
