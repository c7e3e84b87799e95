import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Dial } from '../../callout/https-call.ts';
import { postJson } from '../../callout/post-json.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import { celEnvironment } from '../cel/environment.ts';
import { compile, type Program } from '../cel/program.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { reviewRequest } from '../policies/admission-review-request.ts';
import { asMatched } from '../policies/equivalent.ts';
import { matchesSelectors, rowMatched, type MatchResources, type Rule } from '../policies/match.ts';
import { meetsConditions } from '../policies/match-conditions.ts';
import { authorizerOf, requestValues } from '../policies/policy-program.ts';

/** admissionregistration/v1 ValidatingWebhook and MutatingWebhook. */
export interface Webhook extends Pick<MatchResources, 'namespaceSelector' | 'objectSelector' | 'matchPolicy'> {
  name: string;
  clientConfig: {
    url?: string;
    service?: { namespace: string; name: string; path?: string; port?: number };
    caBundle?: string;
  };
  rules?: Rule[];
  failurePolicy?: 'Fail' | 'Ignore';
  matchConditions?: { name: string; expression: string }[];
  timeoutSeconds?: number;
  sideEffects?: string;
  reinvocationPolicy?: string;
}

export interface ReviewResponse {
  allowed?: boolean;
  status?: { message?: string; reason?: string; code?: number };
  patch?: string;
  patchType?: string;
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
}

const environment = celEnvironment(['object', 'oldObject', 'request', 'authorizer']);
const programs = new Map<string, Program>();

/**
 * The request as a webhook is to see it, of the version that its rules name; undefined where its rules, selectors or matchConditions leave
 * it out (webhook/generic/webhook.go ShouldCallHook).
 */
export function wants(
  hook: Webhook,
  request: AdmissionRequest,
  cluster: Cluster,
  authorizer: Authorizer,
): AdmissionRequest | undefined {
  if (!matchesSelectors(hook, request, cluster)) return undefined;
  const row = rowMatched(hook.rules ?? [], hook.matchPolicy, request, cluster);
  if (row === undefined) return undefined;
  const shown = asMatched(request, row);
  if ((hook.matchConditions ?? []).length === 0) return shown;
  const values = { ...requestValues(shown), authorizer: authorizerOf(shown, authorizer) };
  const matched = meetsConditions(hook.matchConditions, (expression) => evaluate(expression, values));
  if ('failed' in matched) {
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw forbid(request, matched.failed);
  }
  return matched.meets ? shown : undefined;
}

function evaluate(expression: string, values: Record<string, unknown>): unknown {
  if (programs.size > 1000) programs.clear();
  const program = programs.get(expression) ?? compile(environment, expression);
  programs.set(expression, program);
  if ('failed' in program) throw new Error(`compilation error: compilation failed: ${program.failed}`);
  try {
    return program.run(values);
  } catch (error) {
    throw new Error(`expression '${expression}' resulted in error: ${(error as Error).message}`, { cause: error });
  }
}

/** A webhook that could not be asked, or whose answer is none: its failurePolicy says what that means (util/webhook/error.go ErrCallingWebhook). */
class CallFailure extends Error {}

export interface CallOptions {
  readonly dial: Dial;
  readonly uid: string;
  /** Whether the answer may hold a patch. */
  readonly mutating: boolean;
}

/**
 * Asks a webhook over TLS. Undefined when it cannot be asked and its failurePolicy is Ignore; otherwise that is a 500 `ApiError` in
 * upstream's words (webhook/mutating/dispatcher.go, webhook/request/admissionreview.go).
 */
export async function callWebhook(
  hook: Webhook,
  request: AdmissionRequest,
  cluster: Cluster,
  options: CallOptions,
): Promise<ReviewResponse | undefined> {
  if (request.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun') {
    throw new ApiError(400, 'BadRequest', `admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
  }
  try {
    return verified(await post(hook, request, cluster, options), options);
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw callError(hook, error.message);
  }
}

/** What a webhook's failure is to the client. */
export function callError(hook: Webhook, why: string): ApiError {
  const text = `failed calling webhook ${JSON.stringify(hook.name)}: ${why}`;
  return new ApiError(500, 'InternalError', `Internal error occurred: ${text}`, {
    causes: [{ reason: '', message: text }],
  });
}

interface Review {
  apiVersion?: string;
  kind?: string;
  response?: ReviewResponse & { uid?: string };
}

async function post(
  hook: Webhook,
  request: AdmissionRequest,
  cluster: Cluster,
  { dial, uid }: CallOptions,
): Promise<Review> {
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...reviewRequest(request), object: request.object ?? null, oldObject: request.oldObject ?? null },
  };
  try {
    const endpoint = endpointOf(hook, cluster);
    return (await postJson(endpoint, review, {
      dial: (_host, _port, signal) => {
        const { host, port } = endpoint.resolve();
        return dial(host, port, signal);
      },
      timeoutMs: (hook.timeoutSeconds ?? 10) * 1000,
    })) as Review;
  } catch (error) {
    throw new CallFailure(`failed to call webhook: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function verified(review: Review, { uid, mutating }: CallOptions): ReviewResponse {
  const fail = (why: string): CallFailure => new CallFailure(`received invalid webhook response: ${why}`);
  const { response, apiVersion = '', kind = '' } = review;
  if (response === undefined || response === null) throw fail('webhook response was absent');
  if (response.uid !== uid)
    throw fail(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    const got = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
    throw fail(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${got}`);
  }
  const patched = (response.patch ?? '') !== '';
  const typed = response.patchType !== undefined && response.patchType !== null;
  if (!mutating) {
    if (patched) throw fail('validating webhook may not return response.patch');
    if (typed) throw fail('validating webhook may not return response.patchType');
  } else if (patched !== typed) {
    throw fail(
      patched
        ? 'webhook returned response.patch but not response.patchType'
        : 'webhook returned response.patchType but not response.patch',
    );
  } else if (typed && response.patchType === '') {
    throw fail('webhook returned invalid response.patchType of ""');
  }
  return response;
}

/** A denial (webhook/errors/statuserror.go ToStatusErr). */
export function webhookDenial(hook: Webhook, response: ReviewResponse): ApiError {
  const { message, reason, code } = response.status ?? {};
  const start = `admission webhook ${JSON.stringify(hook.name)} denied the request`;
  const text =
    message !== undefined && message !== ''
      ? `${start}: ${message}`
      : reason !== undefined && reason !== ''
        ? `${start}: ${reason}`
        : `${start} without explanation`;
  return new ApiError(code !== undefined && code >= 400 ? code : 403, reason ?? 'Forbidden', text);
}

function endpointOf(hook: Webhook, cluster: Cluster) {
  const { url, service, caBundle } = hook.clientConfig;
  const timeout = `?timeout=${hook.timeoutSeconds ?? 10}s`;
  const common = {
    certificateAuthority: caBundle === undefined ? undefined : Buffer.from(caBundle, 'base64').toString('utf8'),
    clientCertificate: undefined,
    token: undefined,
    skipVerify: false,
  };
  if (service === undefined) {
    const parsed = new URL(url ?? '');
    const port = Number(parsed.port === '' ? 443 : parsed.port);
    return {
      ...common,
      url: `${url ?? ''}${timeout}`,
      serverName: undefined,
      resolve: () => ({ host: parsed.hostname.replaceAll(/[[\]]/g, ''), port }),
    };
  }
  const { name, namespace, path = '/', port = 443 } = service;
  return {
    ...common,
    url: `https://${name}.${namespace}.svc:${port}${path}${timeout}`,
    serverName: `${name}.${namespace}.svc`,
    resolve: () => ({ host: addressOf(namespace, name, port, cluster), port }),
  };
}

/** Where a Service answers, found when it is called (apiserver/pkg/util/proxy ResolveCluster). */
function addressOf(namespace: string, name: string, port: number, cluster: Cluster): string {
  const found = cluster.get(cluster.resource('services'), namespace, name);
  if (found === undefined) throw new Error(`service ${JSON.stringify(name)} not found`);
  const { clusterIP, externalName, type, ports } = found['spec'] as {
    clusterIP?: string;
    externalName?: string;
    type?: string;
    ports?: { port: number }[];
  };
  if (type === 'ExternalName') return externalName ?? '';
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None')
    throw new Error('cannot route to service with ClusterIP "None"');
  if (!(ports ?? []).some((own) => own.port === port))
    throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return clusterIP;
}
