import type { Dial } from '../../callout/https-call.ts';
import type { Endpoint } from '../../callout/kubeconfig-endpoint.ts';
import { postJson } from '../../callout/post-json.ts';
import { forbid, isPodRequest } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

export interface ImagePolicyConfig {
  readonly endpoint: Endpoint;
  /** Milliseconds. */
  readonly allowTtl: number;
  readonly denyTtl: number;
  readonly retryBackoff: number;
  /** What holds when the backend cannot be asked. */
  readonly defaultAllow: boolean;
}

interface Container {
  image?: string;
}

/** Milliseconds; the generic webhook client of upstream waits as long. */
const TIMEOUT_MS = 30_000;
const MAX_CACHED = 1024;
const ANNOTATION = '.image-policy.k8s.io/';

/** Asks a real backend about each pod's images over TLS (plugin/pkg/admission/imagepolicy/admission.go). */
export function imagePolicyWebhook(config: ImagePolicyConfig, dial: Dial, now: () => number): AdmissionPlugin {
  const cache = new Map<string, { until: number; status: Status }>();
  return {
    name: 'ImagePolicyWebhook',
    async validate(request) {
      if (!isPodRequest(request) || request.object === undefined) return;
      if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
      if (request.subresource !== '' && request.subresource !== 'ephemeralcontainers') return;
      const spec = reviewSpec(request);
      const key = JSON.stringify(spec);
      const known = cache.get(key);
      let status = known !== undefined && known.until > now() ? known.status : undefined;
      if (status === undefined) {
        try {
          const review = {
            apiVersion: 'imagepolicy.k8s.io/v1alpha1',
            kind: 'ImageReview',
            metadata: {},
            spec,
            status: { allowed: false },
          };
          const answer = (await postJson(config.endpoint, review, { dial, timeoutMs: TIMEOUT_MS })) as {
            status?: Status;
          };
          status = answer.status ?? { allowed: false };
        } catch (error) {
          if (!config.defaultAllow) throw forbid(request, error instanceof Error ? error.message : String(error));
          request.annotate('imagepolicywebhook.image-policy.k8s.io/failed-open', 'true');
          // Although it only validates, upstream's plugin marks the pod as well.
          const { metadata } = request.object;
          metadata.annotations = { ...metadata.annotations, 'alpha.image-policy.k8s.io/failed-open': 'true' };
          return;
        }
        if (cache.size >= MAX_CACHED) cache.clear();
        cache.set(key, { until: now() + (status.allowed === true ? config.allowTtl : config.denyTtl), status });
      }
      for (const [name, value] of Object.entries(status.auditAnnotations ?? {})) {
        request.annotate(`imagepolicywebhook.image-policy.k8s.io/${name}`, value);
      }
      if (status.allowed === true) return;
      const reason = status.reason ?? '';
      throw forbid(
        request,
        reason === ''
          ? 'one or more images rejected by webhook backend'
          : `image policy webhook backend denied one or more images: ${reason}`,
      );
    },
  };
}

interface Status {
  allowed?: boolean;
  reason?: string;
  auditAnnotations?: Record<string, string>;
}

/** The images it is about: of a debugger that is put into a pod its own, otherwise those of all the pod's other containers. */
function images({ object, subresource }: AdmissionRequest): string[] {
  const spec = (object?.['spec'] ?? {}) as Partial<
    Record<'containers' | 'initContainers' | 'ephemeralContainers', Container[]>
  >;
  const containers =
    subresource === 'ephemeralcontainers'
      ? (spec.ephemeralContainers ?? [])
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return containers.map(({ image }) => image ?? '');
}

function reviewSpec(request: AdmissionRequest): Record<string, unknown> {
  const { object, namespace } = request;
  const annotations = Object.entries(object?.metadata.annotations ?? {}).filter(([key]) => key.includes(ANNOTATION));
  return {
    containers: images(request).map((image) => ({ image })),
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    namespace,
  };
}

/** What the file of the plugin's configuration must hold; throws with upstream's words (imagepolicy/config.go). */
export function imagePolicySettings(config: Readonly<Record<string, unknown>> | undefined): {
  kubeConfigFile: string;
  allowTtl: number;
  denyTtl: number;
  retryBackoff: number;
  defaultAllow: boolean;
} {
  const policy = config?.['imagePolicy'] as Readonly<Record<string, unknown>> | undefined;
  if (policy === undefined || policy === null) throw new Error('no config specified');
  const ttl = (field: string, fallback: number, [low, high]: readonly [number, number], unit: number): number => {
    const value = Number(policy[field] ?? 0);
    if (value === -1) return 0; // turned off
    if (value === 0) return fallback;
    if (value * unit < low || value * unit > high) {
      throw new Error(
        `valid value is between ${goDuration(low)} and ${goDuration(high)}, got ${goDuration(value * unit)}`,
      );
    }
    return value * unit;
  };
  const kubeConfigFile = policy['kubeConfigFile'];
  if (typeof kubeConfigFile !== 'string' || kubeConfigFile === '') {
    throw new Error(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    );
  }
  return {
    kubeConfigFile,
    retryBackoff: ttl('retryBackoff', 500, [1, 300_000], 1),
    allowTtl: ttl('allowTTL', 300_000, [1000, 1_800_000], 1000),
    denyTtl: ttl('denyTTL', 30_000, [1000, 1_800_000], 1000),
    defaultAllow: policy['defaultAllow'] === true,
  };
}

function goDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const seconds = milliseconds / 1000;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = `${seconds % 60}s`;
  return minutes === 0 ? rest : hours === 0 ? `${minutes}m${rest}` : `${hours}h${minutes % 60}m${rest}`;
}
