import { z } from 'zod';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const TYPES = ['Namespace', 'Server', 'SourceAndObject', 'User'] as const;
/** How many buckets a limit of several keys remembers where it does not say (eventratelimit/v1alpha1 has no default; limitenforcer.go). */
const CACHE_SIZE = 4096;

const shape = z.object({
  limits: z
    .array(
      z.object({
        type: z.string().default(''),
        qps: z.number().int().default(0),
        burst: z.number().int().default(0),
        cacheSize: z.number().int().nullish(),
      }),
    )
    .nullish(),
});

export interface EventLimit {
  readonly type: (typeof TYPES)[number];
  readonly qps: number;
  readonly burst: number;
  readonly cacheSize: number;
}

/** Reads and checks the plugin's configuration (apis/eventratelimit/validation). Throws with what is wrong. */
export function eventRateLimitConfig(configuration: unknown): readonly EventLimit[] {
  const limits = shape.parse(configuration ?? {}).limits ?? [];
  const wrong: string[] = limits.length === 0 ? ['limits: Invalid value: null: must not be empty'] : [];
  for (const [at, { type, qps, burst, cacheSize }] of limits.entries()) {
    const place = `limits[${at}]`;
    if (!(TYPES as readonly string[]).includes(type)) {
      const supported = TYPES.map((one) => JSON.stringify(one)).join(', ');
      wrong.push(`${place}.type: Unsupported value: ${JSON.stringify(type)}: supported values: ${supported}`);
    }
    if (burst <= 0) wrong.push(`${place}.burst: Invalid value: ${burst}: must be positive`);
    if (qps <= 0) wrong.push(`${place}.qps: Invalid value: ${qps}: must be positive`);
    if (type !== 'Server' && (cacheSize ?? 0) < 0) {
      wrong.push(`${place}.cacheSize: Invalid value: ${cacheSize}: must not be negative`);
    }
  }
  if (wrong.length > 0) throw new Error(wrong.length === 1 ? wrong[0] : `[${wrong.join(', ')}]`);
  return limits.map(({ type, qps, burst, cacheSize }) => ({
    type: type as EventLimit['type'],
    qps,
    burst,
    cacheSize: Math.min(cacheSize || CACHE_SIZE, CACHE_SIZE),
  }));
}

/** plugin/pkg/admission/eventratelimit/admission.go; `now` in milliseconds. */
export const eventRateLimit = (limits: readonly EventLimit[], now: () => number): AdmissionPlugin => {
  const enforcers = limits.map((limit) => ({ limit, buckets: new Map<string, Bucket>() }));
  return {
    name: 'EventRateLimit',
    validate(request) {
      if (!isEvent(request) || request.dryRun) return;
      const reached = enforcers.flatMap(({ limit, buckets }) => {
        const key = keyOf(limit.type, request);
        return take(buckets, key, limit, now()) ? [] : [`limit reached on type ${limit.type} for key ${key}`];
      });
      if (reached.length === 0) return;
      const why = reached.length === 1 ? reached[0]! : `[${reached.join(', ')}]`;
      throw new ApiError(429, 'TooManyRequests', `Too many requests: ${why}`, {});
    },
  };
};

const isEvent = ({ resource, subresource, operation }: AdmissionRequest): boolean =>
  resource.kind === 'Event' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE');

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket for each key; the one that was asked for longest ago is forgotten first. */
function take(buckets: Map<string, Bucket>, key: string, limit: EventLimit, now: number): boolean {
  const known = buckets.get(key) ?? { tokens: limit.burst, at: now };
  const tokens = Math.min(limit.burst, known.tokens + ((now - known.at) / 1000) * limit.qps);
  buckets.delete(key);
  buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
  if (buckets.size > limit.cacheSize) for (const oldest of buckets.keys()) return buckets.delete(oldest) && tokens >= 1;
  return tokens >= 1;
}

function keyOf(type: EventLimit['type'], { namespace, user, object }: AdmissionRequest): string {
  switch (type) {
    case 'Server':
      return '';
    case 'Namespace':
      return namespace;
    case 'User':
      return user.username;
    default: {
      const { source, involvedObject } = (object ?? {}) as KubeObject & Record<string, Record<string, string>>;
      const of = (from: Record<string, string> | undefined, ...names: string[]): string[] =>
        names.map((name) => from?.[name] ?? '');
      return [
        ...of(source, 'component', 'host'),
        ...of(involvedObject, 'kind', 'namespace', 'name', 'uid', 'apiVersion'),
      ].join('');
    }
  }
}
