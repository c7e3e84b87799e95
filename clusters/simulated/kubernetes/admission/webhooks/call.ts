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
import { matchesRule, matchesSelectors, type MatchResources, type Rule } from '../policies/match.ts';
import { authorizerOf, requestValues } from '../policies/policy-program.ts';

/** admissionregistration/v1 ValidatingWebhook and MutatingWebhook. */
export interface Webhook extends Pick<MatchResources, 'namespaceSelector' | 'objectSelector'> {
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

/** Rules, selectors and matchConditions (webhook/generic/webhook.go ShouldCallHook). */
export function wants(hook: Webhook, request: AdmissionRequest, cluster: Cluster, authorizer: Authorizer): boolean {
  if (!(hook.rules ?? []).some((rule) => matchesRule(rule, request)) || !matchesSelectors(hook, request, cluster))
    return false;
  const conditions = hook.matchConditions ?? [];
  if (conditions.length === 0) return true;
  const values = { ...requestValues(request), authorizer: authorizerOf(request, authorizer) };
  return conditions.every(({ expression }) => {
    if (programs.size > 1000) programs.clear();
    const program = programs.get(expression) ?? compile(environment, expression);
    programs.set(expression, program);
    try {
      if ('failed' in program) throw new Error(program.failed);
      return program.run(values) === true;
    } catch (error) {
      if (hook.failurePolicy === 'Ignore') return false;
      throw forbid(request, `failed to evaluate match condition: ${(error as Error).message}`);
    }
  });
}

/**
 * Asks a webhook over TLS. Undefined when it cannot be asked and its failurePolicy is Ignore; otherwise that is a 500 `ApiError` in
 * upstream's words (webhook/errors/statuserror.go).
 */
export async function callWebhook(
  hook: Webhook,
  request: AdmissionRequest,
  cluster: Cluster,
  options: { readonly dial: Dial; readonly uid: string },
): Promise<ReviewResponse | undefined> {
  const { dial, uid } = options;
  if (request.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun') {
    throw new ApiError(400, 'BadRequest', `admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
  }
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...reviewRequest(request), object: request.object ?? null, oldObject: request.oldObject ?? null },
  };
  try {
    const endpoint = endpointOf(hook, cluster);
    const answer = (await postJson(endpoint, review, {
      dial: (_host, _port, signal) => dial(endpoint.dialHost, endpoint.dialPort, signal),
      timeoutMs: (hook.timeoutSeconds ?? 10) * 1000,
    })) as { response?: ReviewResponse & { uid?: string } };
    if (answer.response === undefined) throw new Error('webhook response was absent');
    if (answer.response.uid !== uid)
      throw new Error(`expected response.uid="${uid}", got "${answer.response.uid ?? ''}"`);
    return answer.response;
  } catch (error) {
    if (hook.failurePolicy === 'Ignore') return undefined;
    const why = error instanceof Error ? error.message : String(error);
    const text = `failed calling webhook ${JSON.stringify(hook.name)}: failed to call webhook: ${why}`;
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${text}`, {
      causes: [{ reason: '', message: text }],
    });
  }
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
      dialHost: parsed.hostname,
      dialPort: port,
    };
  }
  const port = service.port ?? 443;
  const name = `${service.name}.${service.namespace}.svc`;
  const found = cluster.get(cluster.resource('services'), service.namespace, service.name);
  if (found === undefined) throw new Error(`service "${service.name}" not found`);
  const address = (found['spec'] as { clusterIP?: string } | undefined)?.clusterIP;
  if (address === undefined || address === 'None')
    throw new Error(`no service port ${port} found for service "${service.name}"`);
  const path = service.path ?? '/';
  return {
    ...common,
    url: `https://${name}:${port}${path}${timeout}`,
    serverName: name,
    dialHost: address,
    dialPort: port,
  };
}
